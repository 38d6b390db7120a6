"""What counts as signed out, what does not, and how a moved server is followed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from manager.core.account import Server
from manager.core.errors import ProviderError, RateLimited, ServerUnreachable
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret
from manager.practice.speckle_server import SpeckleServer

from .signed_in import by_browser, by_token

pytestmark = pytest.mark.anyio


async def ask(provider, result, server=None):
    return await provider.verify(server or result.server, result.identity, result.credential)


async def test_a_good_sign_in_is_described_anew(provider, practice) -> None:
    result = await by_browser(provider, practice)
    verdict = await ask(provider, result, replace(result.server, name="old name"))
    assert verdict == StillSignedIn(result.server, result.identity, result.scopes)


async def test_a_revoked_token_is_signed_out(provider, practice) -> None:
    result = await by_browser(provider, practice)
    practice.revoke_everything()
    verdict = await ask(provider, result)
    assert isinstance(verdict, SignedOutThere)
    assert "Speckle Practice" in verdict.message


async def test_an_expired_personal_token_is_signed_out(provider, practice) -> None:
    result = await by_token(provider, practice)
    assert isinstance(await ask(provider, result), StillSignedIn)
    practice.change_faults(access_lifetime=10.0, clock_offset=60.0)
    assert isinstance(await ask(provider, result), SignedOutThere)


async def test_a_key_stays_the_key_that_it_is(provider, practice) -> None:
    result = await by_token(provider, practice)
    verdict = await ask(provider, result)
    assert verdict.identity == result.identity
    assert verdict.scopes == result.scopes


async def test_a_missing_scope_is_not_signed_out(provider, practice) -> None:
    result = await by_token(provider, practice)
    narrow = practice.issue_personal_token(scopes=("streams:read",))
    credential = replace(result.credential, key=Secret(narrow))
    verdict = await provider.verify(result.server, result.identity, credential)
    assert verdict == StillSignedIn(result.server)


def told(user, *codes: str) -> bytes:
    errors = [{"message": "m", "extensions": {"code": code}} for code in codes]
    body = {"data": {"activeUser": user, "serverInfo": {"name": "S"}}}
    return json.dumps({**body, **({"errors": errors} if errors else {})}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, told(None)), (403, b'{"error":"Your token is not valid."}')],
)
async def test_final_words(provider, speckle, practice, status, body) -> None:
    result = await by_browser(provider, practice)
    speckle.order("/graphql", status, body)
    verdict = await ask(provider, result, Server(speckle.url, "S"))
    assert isinstance(verdict, SignedOutThere)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, told(None, "UNAUTHORIZED"), ProviderError),
        (200, told(None, "INTERNAL_SERVER_ERROR"), ProviderError),
        (401, b'{"err":"Invalid request"}', ProviderError),
        (401, b"<html>proxy</html>", ServerUnreachable),
        (403, b"<html>error code: 1010</html>", ServerUnreachable),
        (403, b'{"error":"Not today."}', ProviderError),
        (200, b"<html>Welcome to the hotel</html>", ServerUnreachable),
        (404, b"", ServerUnreachable),
        (429, b"{}", RateLimited),
        (502, b"", ServerUnreachable),
    ],
)
async def test_everything_else_is_no_verdict(
    provider, speckle, practice, status, body, error
) -> None:
    result = await by_browser(provider, practice)
    speckle.order("/graphql", status, body)
    with pytest.raises(error) as caught:
        await ask(provider, result, Server(speckle.url, "S"))
    assert caught.value.message
    assert caught.value.hint


# A server that has moved -------------------------------------------------------------------------


@pytest.fixture
def moved(practice):
    """The same people and tokens at another address."""
    with SpeckleServer() as there:
        there.tokens = practice.tokens
        yield there


async def test_a_moved_server_is_followed_once_it_knows_the_person(
    provider, practice, moved
) -> None:
    result = await by_browser(provider, practice)
    practice.change_faults(moved_to=moved.url)  # told with a slash at its end
    verdict = await ask(provider, result)
    assert verdict.server == Server(moved.url, "Speckle Practice", moved_from=practice.url)
    assert provider.origins(verdict.server, result.credential) == (moved.url,)
    again = await ask(provider, result, verdict.server)
    assert again.server == verdict.server


async def test_it_is_renewed_and_logged_out_where_it_is_now(provider, practice, moved) -> None:
    result = await by_browser(provider, practice)
    server = Server(moved.url, "Speckle Practice", moved_from=practice.url)
    practice.stop()
    refreshed = await provider.refresh(server, result.identity, result.credential)
    assert refreshed.credential.token_endpoint == f"{moved.url}/auth/token"
    assert refreshed.credential.revocation_endpoint == f"{moved.url}/auth/logout"
    await provider.revoke(server, result.credential)
    assert not moved.accepts(result.credential.access_token.reveal())
    await provider.revoke(server, refreshed.credential)
    assert not moved.tokens.access.keys() & {refreshed.credential.access_token.reveal()[:10]}
    practice.start()


async def test_a_stranger_at_the_new_address_is_not_followed(provider, practice, moved) -> None:
    result = await by_browser(provider, practice)
    practice.change_faults(moved_to=moved.url)
    moved.people["alice"] = replace(moved.people["alice"], subject="000000000999")
    assert (await ask(provider, result)).server == result.server


async def test_a_new_address_that_does_not_know_the_token_is_not_followed(
    provider, practice
) -> None:
    result = await by_browser(provider, practice)
    with SpeckleServer() as elsewhere:
        practice.change_faults(moved_to=elsewhere.url)
        assert (await ask(provider, result)).server == result.server


@pytest.mark.parametrize(
    "address",
    [
        "http://speckle.example",  # no encryption
        "https://user:pass@speckle.example",
        "javascript:alert(1)",
        "http://127.0.0.1:1",  # nobody is there
        "not an address",
    ],
)
async def test_an_address_that_cannot_be_used_changes_nothing(provider, practice, address) -> None:
    result = await by_browser(provider, practice)
    practice.change_faults(moved_to=address)
    verdict = await ask(provider, result)
    assert verdict.server == result.server
