"""A server where this program registers itself (RFC 7591, RFC 7592)."""

from __future__ import annotations

import asyncio

import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import InvalidRequest, ProviderError, ServerUnreachable, SignInDenied
from manager.core.provider import RedirectMethod, SignInRequest
from manager.oauth.private_use_redirect import (
    portless_loopback_redirect_uri,
    private_use_redirect_uri,
)
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.http_message import HttpReply
from manager.practice.person import Person
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.oidc.scripted_server import json_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def open_(start):
    """A server that registers programs."""
    return start(registration=True)


def registered(server: AuthorizationServer) -> list[str]:
    assert server.registration is not None
    return list(server.registration.tokens)


async def test_nothing_is_needed_and_one_registration_serves_all(open_):
    provider = open_.provider()
    assert (await provider.probe(open_.url)).needs == ()
    result = await open_.sign_in(provider, client=None)
    (client_id,) = registered(open_.server)
    assert result.credential.client == ClientRegistration(client_id)
    known = open_.server.clients[client_id]
    assert known.redirect_uris == (
        private_use_redirect_uri(open_.url), portless_loopback_redirect_uri(open_.url),
    )  # fmt: skip
    assert known.name == "Account Manager"
    refreshed = await provider.refresh(result.server, result.identity, result.credential)
    assert open_.server.accepts(refreshed.credential.access_token.reveal())
    await open_.sign_in(provider, client=None, method=RedirectMethod.LOOPBACK)
    await asyncio.gather(*(open_.begin(provider, client=None) for _ in range(5)))
    assert await provider.begin_device(SignInRequest(open_.url))
    assert registered(open_.server) == [client_id]
    await provider.revoke(result.server, result.credential)


async def test_a_known_client_registers_nothing(open_):
    await open_.sign_in()
    provider = open_.provider(client=open_.public)
    await open_.sign_in(provider, client=None)
    assert registered(open_.server) == []


async def test_two_at_once_are_one_registration(open_):
    provider = open_.provider()
    await asyncio.gather(*(open_.begin(provider, client=None) for _ in range(5)))
    assert len(registered(open_.server)) == 1


async def denied(open_, provider) -> None:
    pending = await open_.begin(provider, client=None)
    answer = await open_.answer(pending, Person(allow=False))
    with pytest.raises(SignInDenied):
        await pending.redeem(answer)


async def test_what_came_to_nothing_is_taken_back(open_):
    provider = open_.provider()
    await denied(open_, provider)
    assert registered(open_.server) == []
    await open_.sign_in(provider, client=None)
    (client_id,) = registered(open_.server)
    await denied(open_, provider)  # an account holds this one
    assert registered(open_.server) == [client_id]


async def test_a_registration_that_another_sign_in_waits_with_stays(open_):
    provider = open_.provider()
    waiting = await open_.begin(provider, client=None)
    await denied(open_, provider)
    assert await waiting.redeem(await open_.answer(waiting))


async def test_a_server_that_does_not_answer_when_it_is_taken_back(open_):
    provider = open_.provider()
    pending = await open_.begin(provider, client=None)
    answer = await open_.answer(pending, Person(allow=False))
    open_.server.stop()
    with pytest.raises(SignInDenied):
        await pending.redeem(answer)
    open_.server.start()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_redirect_uri", "addresses that the browser"),
        ("invalid_client_metadata", "what this program says of itself"),
        ("invalid_software_statement", "asks for a statement"),
        ("unapproved_software_statement", "does not approve"),
    ],
)
async def test_a_refusal_in_a_sentence(open_, error, says):
    open_.server.change_faults(refuse_registration=error)
    with pytest.raises(InvalidRequest, match=says) as refused:
        await open_.begin(client=None)
    assert f"This is {error}." in refused.value.message
    assert "--client-id" in refused.value.hint


@pytest.fixture
def provider(http):
    return OidcProvider(http, SystemClock(), SystemRandomness(), lambda _: None)


async def begin(provider, scripted, answer: HttpReply):
    document = scripted.metadata(registration_endpoint=f"{scripted.url}/register")
    scripted.answers["/.well-known/openid-configuration"] = json_document(document)
    scripted.answers["/register"] = answer
    request = SignInRequest(scripted.url)
    return await provider.begin(request, private_use_redirect_uri(scripted.url))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_document({"error": "invalid_token"}, 401), InvalidRequest),
        (HttpReply(403), InvalidRequest),
        (json_document({"error": "something_else"}, 400), ProviderError),
        (HttpReply(404), ProviderError),
        (HttpReply(500), ServerUnreachable),
        (HttpReply(302, (("Location", "https://portal.example"),)), ServerUnreachable),
        (HttpReply(200, (), b"<html>portal</html>"), ServerUnreachable),
        (json_document({}, 201), ProviderError),
        (json_document({"client_id": ""}, 201), ProviderError),
    ],
)
async def test_odd_answers(provider, scripted, answer, error):
    with pytest.raises(error):
        await begin(provider, scripted, answer)


async def test_a_server_that_makes_it_a_client_with_a_secret(provider, scripted):
    made = {"client_id": "made", "client_secret": "s3cret"}
    elsewhere = {"registration_client_uri": "https://evil.example/r",
                 "registration_access_token": "t0ken"}  # fmt: skip
    pending = await begin(provider, scripted, json_document({**made, **elsewhere}))
    assert "client_id=made" in pending.authorization_url
    scripted.answers["/token"] = json_document({"error": "invalid_grant"}, 400)
    with pytest.raises(SignInDenied):
        await pending.redeem({"code": "c0de", "state": pending.state, "iss": scripted.url})
    assert "authorization" in scripted.requests[-1].headers  # Basic, at the token endpoint
    assert scripted.asked["/register"] == 1
