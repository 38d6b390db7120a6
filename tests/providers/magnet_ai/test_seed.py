"""The seed's dialect from sign-in to sign-out: scopes, addresses, both shapes, every error code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.account import Server
from manager.core.credential import SessionToken, renewal_of
from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ScopeNotGranted,
    ServerUnreachable,
)
from manager.core.provider import RequestToAuthorize, SignInRequest
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret
from manager.practice.http_message import HttpReply, html_reply, json_reply
from manager.providers.magnet_ai.seed_sign_in import issued_token
from tests.providers.magnet_ai.conftest import PASSWORD
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio

MONTH = 2_592_000.0


async def test_a_token_by_password(start) -> None:
    here = start("seed")
    account = await here.by_password("bob")
    assert account.identity.label == "bob@example.com"
    assert account.identity.display_name == "Bob Lindqvist"
    assert account.identity.key == ""
    assert account.roles == ("developer",)
    assert "agents:write" in account.scopes
    assert account.scopes == account.credential.scopes
    assert "admin" not in account.scopes
    assert account.capabilities == ("token",)
    assert account.credential.validity.lifetime == pytest.approx(MONTH, abs=2)
    assert renewal_of(account.credential).by_itself
    (sent,) = here.asked("token")
    assert b"scopes" not in sent.body
    assert b"allowed_ips" not in sent.body


async def test_scopes_and_addresses_are_asked_for(start) -> None:
    here = start("seed")
    account = await here.by_password(
        scopes="agents:read, conversations:write", allowed_ips="127.0.0.1 10.0.0.50"
    )
    assert account.scopes == ("agents:read", "conversations:write")
    (kept,) = here.server.seed.tokens.live.values()
    assert kept.allowed_ips == ("127.0.0.1", "10.0.0.50")


async def test_scopes_of_the_request_stand_in_for_typed_ones(start) -> None:
    here = start("seed")
    pending = await here.begin("password", scopes=("models:read",))
    typed = {"username": Secret("alice"), "password": Secret(PASSWORD)}
    assert (await pending.submit(typed)).scopes == ("models:read",)


async def test_a_token_for_other_addresses_is_signed_in_all_the_same(start) -> None:
    here = start("seed")
    account = await here.by_password(scopes="agents:read", allowed_ips="192.168.1.100")
    assert account.identity.label == "alice"
    assert account.scopes == ("agents:read",)
    with pytest.raises(ProviderError, match="from here"):
        await here.provider.verify(account.server, account.identity, account.credential)
    with pytest.raises(ProviderError):
        await here.provider.refresh(account.server, account.identity, account.credential)


@pytest.mark.parametrize(
    "typed", [{"scopes": "agents:fly"}, {"allowed_ips": "10.0.0.256"}, {"allowed_ips": "here"}]
)
async def test_what_makes_no_sense_is_not_sent(start, typed) -> None:
    here = start("seed")
    with pytest.raises(InvalidRequest):
        await here.by_password(**typed)
    assert here.asked("token") == []


async def test_a_scope_beyond_the_role_is_named(start) -> None:
    here = start("seed")
    with pytest.raises(ScopeNotGranted, match="agents:write"):
        await here.by_password("victor", scopes="agents:write")


@pytest.mark.parametrize("form", ["password", "session"])
async def test_a_wrong_password(start, form: str) -> None:
    here = start("seed")
    with pytest.raises(CredentialsRefused) as caught:
        await here.submit(form, username="alice", password="wrong")
    assert "wrong" not in caught.value.message


async def test_a_web_session(start) -> None:
    here = start("seed")
    account = await here.submit("session", username="uma", password=PASSWORD)
    credential = account.credential
    assert account.capabilities == ("headers",)
    assert credential.token is None
    assert credential.validity.lifetime == MONTH
    assert not renewal_of(credential).by_itself
    headers = here.provider.headers(credential, RequestToAuthorize("GET", here.server.url))
    assert list(headers) == ["Cookie"]
    assert here.server.accepts(headers)
    assert account.roles == ("user",)
    with pytest.raises(ProviderError, match="no way to end"):
        await here.provider.revoke(account.server, credential)
    with pytest.raises(RefreshRefused):
        await here.provider.refresh(account.server, account.identity, credential)
    here.server.revoke_everything()
    verdict = await here.provider.verify(account.server, account.identity, credential)
    assert isinstance(verdict, SignedOutThere)


async def test_a_pasted_token_is_an_account_of_its_own(start) -> None:
    here = start("seed")
    mine = await here.by_password(scopes="models:read")
    pasted = await here.submit("token", token=mine.credential.token.reveal())
    assert pasted.identity.subject == mine.identity.subject
    assert pasted.identity.key
    assert pasted.scopes == ("models:read",)
    assert pasted.credential.validity.lifetime == pytest.approx(MONTH, abs=5)
    for text, kind in (("nonsense", CredentialsRefused), ("two words", InvalidRequest)):
        with pytest.raises(kind):
            await here.submit("token", token=text)


@pytest.mark.parametrize("shape", ["data", "flat"])
async def test_renewal(start, shape: str) -> None:
    here = start("seed", refresh_shape=shape)
    account = await here.by_password()
    refreshed = await here.provider.refresh(account.server, account.identity, account.credential)
    new = refreshed.credential
    assert new.token != account.credential.token
    assert here.server.accepts({"Authorization": f"Bearer {new.token.reveal()}"})
    assert (new.scopes, new.dialect) == (account.scopes, "seed")
    assert new.renewal_endpoint == account.credential.renewal_endpoint
    assert refreshed.retire_after == 3600
    (sent,) = here.asked("refresh")
    old = account.credential.token.reveal()
    assert sent.headers["authorization"] == f"Bearer {old}"
    assert "cookie" not in sent.headers
    imported = replace(account.credential, imported=True)
    kept = await here.provider.refresh(account.server, account.identity, imported)
    assert kept.retire_after is None
    await here.provider.revoke(account.server, imported)
    assert here.asked("revoke") == []


async def test_both_words_for_the_end_are_final(start) -> None:
    here = start("seed")
    account = await here.by_password()
    known = (account.server, account.identity, account.credential)
    here.server.change_faults(clock_offset=MONTH + 1)
    with pytest.raises(RefreshRefused):  # TOKEN_EXPIRED
        await here.provider.refresh(*known)
    assert await here.provider.verify(*known) == SignedOutThere("The token has expired.")
    await here.provider.revoke(account.server, account.credential)
    here.server.change_faults(clock_offset=0.0)
    here.server.revoke_everything()
    with pytest.raises(RefreshRefused):  # INVALID_TOKEN
        await here.provider.refresh(*known)
    assert isinstance(await here.provider.verify(*known), SignedOutThere)
    await here.provider.revoke(account.server, account.credential)


NOT_FINAL = [
    (json_reply({"success": False, "error": "x", "code": "AUTH_REQUIRED"}, 401), ProviderError),
    (json_reply({"error": "Unauthorized"}, 401), ProviderError),
    (json_reply({"code": "INVALID_TOKEN"}, 401), ProviderError),
    (json_reply({"success": False, "code": "INVALID_TOKEN"}, 400), ProviderError),
    (json_reply({"success": False, "code": "FORBIDDEN"}, 403), ProviderError),
    (json_reply({"success": True}), AnswerLost),
    (json_reply({"success": False, "token": "t"}), AnswerLost),
    (html_reply("<h1>Log in to the hotel</h1>"), AnswerLost),
    (html_reply("<h1>Log in</h1>", 401), ServerUnreachable),
    (html_reply("<h1>Bad gateway</h1>", 502), AnswerLost),
    (HttpReply(302, (("Location", "/login"),)), ServerUnreachable),
    (json_reply([], 404), ServerUnreachable),
]


@pytest.mark.parametrize(("reply", "error"), NOT_FINAL)
async def test_what_is_not_final(start, reply, error) -> None:
    """Something on the way may take the header off, or answer in the server's place."""
    here = start("seed")
    account = await here.by_password()
    with Foreign({}, reply) as foreign:
        server = replace(account.server, url=foreign.url)
        moved = replace(account.credential, renewal_endpoint=None, revocation_endpoint=None)
        with pytest.raises(error) as caught:
            await here.provider.refresh(server, account.identity, moved)
        assert type(caught.value) is error
        if b'"success": true' not in reply.body:
            with pytest.raises((ProviderError, ServerUnreachable)):
                await here.provider.revoke(server, moved)
        if reply.status != 200:
            with pytest.raises((ProviderError, ServerUnreachable)):
                await here.provider.verify(server, account.identity, moved)


async def test_a_token_goes_to_the_server_that_issued_it(start) -> None:
    here = start("seed")
    account = await here.by_password()
    with Foreign({}, json_reply({})) as foreign:
        elsewhere = replace(account.server, url=foreign.url)
        await here.provider.refresh(elsewhere, account.identity, account.credential)
        await here.provider.revoke(elsewhere, account.credential)
        assert foreign.requests == []


async def test_verify_tells_roles_and_scopes_of_today(start) -> None:
    here = start("seed")
    account = await here.by_password("victor")
    verdict = await here.provider.verify(account.server, account.identity, account.credential)
    assert isinstance(verdict, StillSignedIn)
    assert verdict.roles == ("viewer",)
    assert verdict.scopes == ("agents:read", "conversations:read", "models:read")
    assert verdict.identity == account.identity


async def test_nothing_is_listed(start) -> None:
    here = start("seed")
    account = await here.by_password()
    assert here.provider.credential_kinds(account.server, account.credential) == ()
    with pytest.raises(InvalidRequest):
        await here.provider.list_credentials(account.server, account.credential, "token")
    with pytest.raises(InvalidRequest):
        await here.provider.create_credential(
            account.server, account.identity, account.credential, "token", {}
        )
    with pytest.raises(InvalidRequest):
        await here.provider.revoke_credential(account.server, account.credential, "token", "1")


async def test_revocation_by_any_2xx(start) -> None:
    here = start("seed")
    account = await here.by_password()
    bare = replace(account.credential, revocation_endpoint=None)
    for reply in (HttpReply(204), json_reply({"message": "gone"})):
        with Foreign({}, reply) as foreign:
            server = replace(account.server, url=foreign.url)
            await here.provider.revoke(server, bare)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (json_reply({"success": False, "error": "canary"}, 400), InvalidRequest),
        (json_reply({"success": False, "error": "canary"}, 403), ProviderError),
        (json_reply({"success": False, "error": "canary"}, 404), ProviderError),
        (json_reply({"success": True}), AnswerLost),
    ],
)
async def test_other_refusals_of_a_login(start, reply, error) -> None:
    here = start("seed")
    with Foreign({}, reply) as foreign:
        for form in ("password", "session"):
            request = SignInRequest(foreign.url, dialect="seed")
            pending = await here.provider.begin_form(request, form)
            with pytest.raises(error) as caught:
                await pending.submit({"username": Secret("alice"), "password": Secret(PASSWORD)})
            assert "canary" not in str(caught.value)


async def test_a_server_whose_verify_says_nothing(start) -> None:
    here = start("seed")
    account = await here.by_password()
    with Foreign({}, json_reply({"success": True})) as foreign:
        server = replace(account.server, url=foreign.url)
        verdict = await here.provider.verify(server, account.identity, account.credential)
        assert verdict == StillSignedIn(Server(foreign.url, foreign.url.removeprefix("http://")))
        request = SignInRequest(foreign.url, dialect="seed")
        pending = await here.provider.begin_form(request, "token")
        pasted = await pending.submit({"token": Secret("opaque")})
    assert pasted.identity.subject == f"token:{pasted.identity.key}"
    assert pasted.identity.label.startswith("Token at ")


async def test_a_portal_instead_of_a_token(start) -> None:
    here = start("seed")
    here.server.change_faults(captive_portal="page")
    pending = await here.begin("password", "seed")
    with pytest.raises(AnswerLost):
        await pending.submit({"username": Secret("alice"), "password": Secret(PASSWORD)})


@pytest.mark.parametrize(
    ("document", "lifetime"),
    [
        ({"success": True, "data": {"token": "t", "expires_at": "2023-11-14T22:14:20Z"}}, 60.0),
        ({"success": True, "token": "t", "expires_at": "2023-11-14T22:14:20Z"}, 60.0),
        ({"data": {"token": "t"}}, None),
        ({"token": "t", "expires_at": "2001-01-01T00:00:00Z"}, None),
        ({"token": "t", "expires_at": 17}, None),
    ],
)
def test_shapes_of_an_issued_token(clock, document, lifetime) -> None:
    clock.wall = 1_700_000_000.0
    issued = issued_token(document, clock.now())
    assert issued.token == Secret("t")
    assert issued.validity.lifetime == lifetime


@pytest.mark.parametrize(
    "document",
    [None, {}, {"data": {}}, {"success": False, "token": "t"}, {"token": "a b"}, {"token": 5},
     {"data": {"expires_at": "x"}, "token": "t"}],
)  # fmt: skip
def test_what_issues_nothing(clock, document) -> None:
    assert issued_token(document, clock.now()) is None


def test_a_session_prints_nothing() -> None:
    session = SessionToken(Secret("t-canary"), cookies=(("s", Secret("c-canary")),))
    assert "canary" not in repr(session)
