"""v2: second factor, renewal by cookie, conflicts, reuse, sessions, keys with scopes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.credential import renewal_of
from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RateLimited,
    RefreshRefused,
    ScopeNotGranted,
    ServerUnreachable,
    SignInExpired,
)
from manager.core.provider import RequestToAuthorize, SignInRequest, SignInResult
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.practice.http_message import HttpReply, html_reply, json_reply
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


async def test_renewal_sends_the_cookie_with_our_origin_and_nothing_else(start) -> None:
    here = start("v2")
    account = await here.by_password()
    old = account.credential
    refreshed = await here.provider.refresh(account.server, account.identity, old)
    new = refreshed.credential
    assert new.token != old.token
    assert new.refresh_token != old.refresh_token
    assert (new.scopes, new.validity.lifetime, refreshed.retire_after) == (old.scopes, 900, None)
    (sent,) = here.asked("refresh")
    assert sent.headers["cookie"] == f"refresh_token={old.refresh_token.reveal()}"
    assert sent.headers["origin"] == here.server.url
    assert "authorization" not in sent.headers
    for each in here.server.requests:
        assert "cookie" not in each.headers or "authorization" not in each.headers


async def test_a_lock_is_waited_for(start, clock) -> None:
    here = start("v2", conflicts=2)
    account = await here.by_password()
    refreshed = await here.provider.refresh(account.server, account.identity, account.credential)
    assert refreshed.credential.token != account.credential.token
    assert clock.slept == [1.0, 1.0]
    assert here.server.reuse_detected == 0


async def test_a_rotated_cookie_is_not_shown_until_its_family_ends(start, clock) -> None:
    """The answer of the first renewal was lost: what is tried again stays within the grace."""
    here = start("v2")
    account = await here.by_password()
    known = (account.server, account.identity, account.credential)
    await here.provider.refresh(*known)
    with pytest.raises(ServerUnreachable):
        await here.provider.refresh(*known)
    assert sum(clock.slept) <= 4
    assert here.server.reuse_detected == 0
    here.server.change_faults(clock_offset=6.0)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(*known)
    assert here.server.reuse_detected == 1


async def test_a_week_later(start) -> None:
    here = start("v2")
    account = await here.by_password()
    here.server.change_faults(clock_offset=604_801.0)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(account.server, account.identity, account.credential)


async def test_a_server_that_wants_another_origin(start) -> None:
    here = start("v2")
    account = await here.by_password()
    here.server.allowed_origins = {"https://ui.example"}
    with pytest.raises(ProviderError) as caught:
        await here.provider.refresh(account.server, account.identity, account.credential)
    assert "CORS_OVERRIDE_ALLOWED_ORIGINS" in caught.value.hint


async def test_a_stripped_cookie_is_not_final(start) -> None:
    here = start("v2")
    account = await here.by_password()
    stripped = replace(account.credential, refresh_token=Secret(""))
    with pytest.raises(ProviderError):
        await here.provider.refresh(account.server, account.identity, stripped)


NOT_FINAL = [
    (json_reply({"error": "No refresh token provided"}, 401), ProviderError),
    (json_reply({"detail": "Unauthorized"}, 401), ProviderError),
    (json_reply({"error": "Origin not allowed"}, 403), ProviderError),
    (json_reply({"error": "busy"}, 409), ProviderError),
    (json_reply({"token_type": "bearer"}, 201), AnswerLost),
    (json_reply({"access_token": "two words"}, 201), AnswerLost),
    (html_reply("<h1>Log in to the hotel</h1>"), AnswerLost),
    (html_reply("<h1>Log in</h1>", 401), ServerUnreachable),
    (html_reply("<h1>Forbidden</h1>", 403), ServerUnreachable),
    (html_reply("<h1>Gateway</h1>", 504), AnswerLost),
]


@pytest.mark.parametrize(("reply", "error"), NOT_FINAL)
async def test_what_is_not_final(start, reply, error) -> None:
    here = start("v2")
    account = await here.by_password()
    with Foreign({}, reply) as foreign:
        server = replace(account.server, url=foreign.url)
        moved = replace(account.credential, renewal_endpoint=None, revocation_endpoint=None)
        with pytest.raises(error) as caught:
            await here.provider.refresh(server, account.identity, moved)
        assert type(caught.value) is error


async def test_a_renewal_without_a_new_cookie_keeps_the_old(start) -> None:
    here = start("v2")
    account = await here.by_password()
    with Foreign({}, json_reply({"access_token": "t"}, 201)) as foreign:
        server = replace(account.server, url=foreign.url)
        moved = replace(account.credential, renewal_endpoint=None)
        refreshed = await here.provider.refresh(server, account.identity, moved)
    assert refreshed.credential.token == Secret("t")
    assert refreshed.credential.refresh_token == account.credential.refresh_token
    assert refreshed.credential.validity.lifetime is None


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


async def test_verify(start) -> None:
    here = start("v2")
    account = await here.by_password("bob")
    known = (account.server, account.identity, account.credential)
    verdict = await here.provider.verify(*known)
    assert isinstance(verdict, StillSignedIn)
    assert (verdict.roles, verdict.scopes) == (("developer",), account.scopes)
    here.server.revoke_everything()
    assert isinstance(await here.provider.verify(*known), SignedOutThere)


async def test_logout_ends_what_renews(start) -> None:
    here = start("v2")
    account = await here.by_password()
    await here.provider.revoke(account.server, account.credential)
    assert here.server.state()["live_sessions"] == 0
    (sent,) = here.asked("logout")
    assert "authorization" not in sent.headers
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(account.server, account.identity, account.credential)
    await here.provider.revoke(account.server, account.credential)
    bare = replace(account.credential, refresh_token=None)
    with pytest.raises(ProviderError):
        await here.provider.revoke(account.server, bare)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(account.server, account.identity, bare)


async def test_sessions(start) -> None:
    here = start("v2")
    first, second = await here.by_password(), await here.by_password()
    kinds = here.provider.credential_kinds(second.server, second.credential)
    assert [kind.id for kind in kinds] == ["session", "api_key"]
    assert not kinds[0].can_create
    listed = await here.provider.list_credentials(second.server, second.credential, "session")
    assert len(listed) == 2
    assert all(each.name.startswith("AccountManager/") for each in listed)
    assert all(each.expires_at - each.created_at == 604_800 for each in listed)
    oldest = min(listed, key=lambda each: each.created_at)
    known = (second.server, second.credential, "session")
    await here.provider.revoke_credential(*known, oldest.id)
    assert len(await here.provider.list_credentials(*known)) == 1
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(first.server, first.identity, first.credential)
    for wrong in (oldest.id, "../me", ""):
        with pytest.raises(InvalidRequest):
            await here.provider.revoke_credential(*known, wrong)


async def test_keys_have_scopes(start) -> None:
    here = start("v2")
    account = await here.by_password()
    known = (account.server, account.identity, account.credential, "api_key")
    made = await here.provider.create_credential(
        *known, {"name": Secret("ci"), "scopes": Secret("read:agents, execute:agents")}
    )
    kept = made.sign_in
    assert kept.scopes == ("read:agents", "execute:agents")
    (listed,) = await here.provider.list_credentials(account.server, account.credential, "api_key")
    assert set(listed.scopes) == set(kept.scopes)
    assert not listed.is_current
    pasted = await here.submit("api_key", api_key=made.secret.reveal())
    assert set(pasted.scopes) == set(kept.scopes)
    sessions, keys = here.provider.credential_kinds(pasted.server, pasted.credential)
    assert "API key" in sessions.unavailable
    assert "read:api_keys" in keys.unavailable
    with pytest.raises(ScopeNotGranted, match="read:api_keys"):
        await here.provider.list_credentials(pasted.server, pasted.credential, "api_key")
    with pytest.raises(InvalidRequest):
        await here.provider.list_credentials(pasted.server, pasted.credential, "session")
    with pytest.raises(InvalidRequest):
        await here.provider.create_credential(
            *known, {"name": Secret("x"), "scopes": Secret("fly:agents")}
        )
    await here.provider.revoke_credential(
        account.server, account.credential, "api_key", made.credential.id
    )
    verdict = await here.provider.verify(pasted.server, pasted.identity, pasted.credential)
    assert isinstance(verdict, SignedOutThere)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(pasted.server, pasted.identity, pasted.credential)


async def test_nobody_gives_what_they_do_not_hold(start) -> None:
    here = start("v2")
    key = here.server.v2.new_key("alice", "write:api_keys")
    account = await here.submit("api_key", api_key=key)
    with pytest.raises(ScopeNotGranted, match="write:agents"):
        await here.provider.create_credential(
            account.server, account.identity, account.credential, "api_key",
            {"name": Secret("more"), "scopes": Secret("write:agents")},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (html_reply("<h1>Welcome</h1>"), AnswerLost),
        (json_reply({"a": 1}), AnswerLost),
        (HttpReply(200, (), b"[" * 100_000), AnswerLost),
        (json_reply({"error": "canary"}, 403), ProviderError),
        (json_reply({"error": "canary"}, 401), CredentialsRefused),
    ],
)
async def test_lists_that_are_none(start, reply, error) -> None:
    here = start("v2")
    account = await here.by_password()
    with Foreign({}, reply) as foreign:
        server = replace(account.server, url=foreign.url)
        for kind in ("session", "api_key"):
            with pytest.raises(error):
                await here.provider.list_credentials(server, account.credential, kind)
        session = "00000000-0000-0000-0000-000000000000"
        for kind, credential_id in (("session", session), ("api_key", "7")):
            if reply.status != 200:
                with pytest.raises(error):
                    await here.provider.revoke_credential(
                        server, account.credential, kind, credential_id
                    )


async def test_odd_rows_are_left_out(start) -> None:
    here = start("v2")
    account = await here.by_password()
    rows = [7, {"id": 7}, {"id": "a", "created_at": "soon", "device_info": None, "name": None}]
    with Foreign({}, json_reply(rows)) as foreign:
        server = replace(account.server, url=foreign.url)
        (session,) = await here.provider.list_credentials(server, account.credential, "session")
        (key,) = await here.provider.list_credentials(server, account.credential, "api_key")
    assert (session.id, session.name, session.created_at) == ("a", "Unknown program", None)
    assert (key.id, key.name, key.expires_at) == ("a", "API key", None)


async def test_pasted_keys_and_tokens_at_a_server_in_odd_moods(start) -> None:
    here = start("v2")
    with Foreign({}, html_reply("<h1>Welcome</h1>")) as foreign:
        request = SignInRequest(foreign.url, dialect="v2")
        pending = await here.provider.begin_form(request, "api_key")
        with pytest.raises(AnswerLost):
            await pending.submit({"api_key": Secret("k")})
        account = await here.by_password()
        server = replace(account.server, url=foreign.url)
        with pytest.raises(AnswerLost):
            await here.provider.verify(server, account.identity, account.credential)
        moved = replace(account.credential, revocation_endpoint=None)
        with pytest.raises(AnswerLost):
            await here.provider.revoke(server, moved)
