"""v2: renewal by cookie, conflicts, reuse, and the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.errors import (
    AnswerLost,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.provider import SignInRequest
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret
from manager.practice.http_message import html_reply, json_reply
from tests.providers.magnet_ai.foreign_server import Foreign

pytestmark = pytest.mark.anyio


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
