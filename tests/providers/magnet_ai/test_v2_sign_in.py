"""Signing in to v2: password, second factor, and what each refusal means."""

from __future__ import annotations

import pytest

from manager.core.credential import renewal_of
from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RateLimited,
    SignInExpired,
)
from manager.core.provider import RequestToAuthorize, SignInRequest, SignInResult
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.practice.http_message import json_reply
from manager.practice.magnet_server.members import MEMBERS
from tests.providers.magnet_ai.conftest import PASSWORD
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio

TYPED = {"email": Secret("alice@example.com"), "password": Secret(PASSWORD)}


async def test_login(start) -> None:
    here = start("v2")
    account = await here.by_password()
    credential = account.credential
    assert account.identity.label == "alice@example.com"
    assert account.roles == ("admin",)
    assert "write:agents" in account.scopes
    assert credential.validity.lifetime == 900
    assert renewal_of(credential).by_itself
    assert credential.cookies == ()
    headers = here.provider.headers(credential, RequestToAuthorize("GET", here.server.url))
    assert list(headers) == ["Authorization"]
    assert here.server.accepts(headers)


@pytest.mark.parametrize("login", ["alice", "bob"])
async def test_a_wrong_password(start, login: str) -> None:
    here = start("v2", mfa=["bob"])
    with pytest.raises(CredentialsRefused):
        await here.by_password(login, password="wrong")


async def test_a_server_without_passwords(start) -> None:
    here = start("v2", local_login=False)
    pending = await here.begin("password", "v2")
    with pytest.raises(InvalidRequest) as caught:
        await pending.submit(TYPED)
    assert "API key" in caught.value.hint


async def test_too_many_logins(start) -> None:
    here = start("v2", rate_limits=True)
    pending = await here.begin("password")
    for _ in range(10):
        with pytest.raises(CredentialsRefused):
            await pending.submit({**TYPED, "password": Secret("wrong")})
    with pytest.raises(RateLimited) as caught:
        await pending.submit(TYPED)
    assert caught.value.retry_after is None


async def test_the_second_factor(start) -> None:
    here = start("v2", mfa=["alice"])
    pending = await here.begin("password")
    form = await pending.submit(TYPED)
    assert isinstance(form, SignInForm)
    assert (form.id, [field.name for field in form.fields]) == ("mfa", ["code"])
    assert pending.form == form
    with pytest.raises(CredentialsRefused):
        await pending.submit({"code": Secret("000000")})
    result = await pending.submit({"code": Secret("123 456")})
    assert isinstance(result, SignInResult)
    assert result.identity.label == "alice@example.com"
    assert here.server.accepts(here.provider.headers(result.credential, None))
    for each in here.asked("mfa_verify"):
        assert each.headers["cookie"].startswith("mfa_challenge=")
        assert "authorization" not in each.headers
    others = [each for each in here.server.requests if each.endpoint != "mfa_verify"]
    assert all("cookie" not in each.headers for each in others)


@pytest.mark.parametrize("ours", [True, False])
async def test_a_code_that_comes_too_late(start, clock, ours: bool) -> None:
    here = start("v2", mfa=["alice"])
    pending = await here.begin("password")
    await pending.submit(TYPED)
    if ours:
        clock.pass_by(300)
    else:
        here.server.change_faults(clock_offset=301.0)
    with pytest.raises(SignInExpired):
        await pending.submit({"code": Secret("123456")})
    assert len(here.asked("mfa_verify")) == (0 if ours else 1)


@pytest.mark.parametrize(
    ("said", "status", "error", "told"),
    [
        ("Account is inactive", 401, CredentialsRefused, "not active"),
        ("Email not verified — please confirm your email first", 401, CredentialsRefused, "e-mail"),
        ("canary", 401, CredentialsRefused, "does not accept"),
        ("canary", 400, InvalidRequest, "password"),
        ("canary", 404, ProviderError, "404"),
    ],
)
async def test_other_refusals_of_a_login(start, said, status, error, told) -> None:
    here = start("v2")
    with Foreign({}, json_reply({"error": said}, status)) as foreign:
        request = SignInRequest(foreign.url, dialect="v2")
        pending = await here.provider.begin_form(request, "password")
        with pytest.raises(error, match=told) as caught:
            await pending.submit(TYPED)
    assert "canary" not in caught.value.message + caught.value.hint


async def test_a_challenge_without_its_cookie(start) -> None:
    here = start("v2")
    with Foreign({}, json_reply({"mfa_required": True}, 201)) as foreign:
        request = SignInRequest(foreign.url, dialect="v2")
        pending = await here.provider.begin_form(request, "password")
        with pytest.raises(AnswerLost):
            await pending.submit(TYPED)
    assert pending.form.id == "password"


@pytest.mark.parametrize("me", [json_reply({}, 500), json_reply({"error": "x"}, 404)])
async def test_where_me_is_silent_the_token_tells(start, me) -> None:
    here = start("v2")
    token = here.server.v2.access.new_token(MEMBERS["bob"], "password")
    cookie = ("Set-Cookie", "refresh_token=r; Path=/; Max-Age=604800")
    login = json_reply({"access_token": token}, 201, cookie)
    with Foreign({"/api/v2/auth/login": login}, me) as foreign:
        request = SignInRequest(foreign.url, dialect="v2")
        result = await (await here.provider.begin_form(request, "password")).submit(TYPED)
    assert (result.identity.label, result.roles) == ("bob@example.com", ("developer",))
    assert result.identity.subject == MEMBERS["bob"].user_id
    nobody = json_reply({"access_token": "opaque"}, 201, cookie)
    with Foreign({"/api/v2/auth/login": nobody}, me) as foreign:
        request = SignInRequest(foreign.url, dialect="v2")
        pending = await here.provider.begin_form(request, "password")
        with pytest.raises(ProviderError, match="who has signed in"):
            await pending.submit(TYPED)


async def test_whoever_signs_in_again_is_named(start) -> None:
    here = start("v2", mfa=["alice"])
    pending = await here.begin("password", login_hint="alice@example.com")
    assert [field.default for field in pending.form.fields] == ["alice@example.com", ""]
    form = await pending.submit(TYPED)
    assert [field.default for field in form.fields] == [""]
