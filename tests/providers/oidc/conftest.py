"""The provider `oidc` beside the practice server, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import anyio
import pytest

from manager.core.catalogue import PresetServer
from manager.core.credential import ClientRegistration
from manager.core.provider import RedirectMethod, SignInRequest
from manager.core.secret import Secret
from manager.oauth.redirection import parse_redirection_uri
from manager.practice.authorization_server import AuthorizationServer, client_registry
from manager.practice.person import Person
from manager.providers.http_client import HttpClient
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.oidc.scripted_server import ScriptedServer

PUBLIC = ClientRegistration(client_registry.ACCOUNT_MANAGER.client_id)
CONFIDENTIAL = ClientRegistration(
    client_registry.CONFIDENTIAL.client_id, Secret(client_registry.CONFIDENTIAL.client_secret)
)


@dataclass
class Here:
    """A practice server and what it takes to sign in there."""

    server: AuthorizationServer
    http: HttpClient
    public = PUBLIC
    confidential = CONFIDENTIAL

    @property
    def url(self) -> str:
        return self.server.issuer

    def provider(self, **preset) -> OidcProvider:
        entry = PresetServer(self.url, "Practice", "oidc", **preset) if preset else None
        return OidcProvider(self.http, SystemClock(), SystemRandomness(), {self.url: entry}.get)

    async def begin(self, provider=None, *, method=RedirectMethod.SCHEME, client=PUBLIC, **request):
        provider = provider or self.provider()
        way = provider.redirection(self.url, method)
        uri = way.uri.replace("{port}", "4711")
        return await provider.begin(SignInRequest(self.url, client=client, **request), uri)

    async def answer(self, pending, person=None) -> dict[str, str]:
        visit = (person or Person("alice")).visit
        uri = await anyio.to_thread.run_sync(visit, pending.authorization_url)
        answer = parse_redirection_uri(uri)
        assert answer.answers(pending.redirect_uri)
        return dict(answer.parameters)

    async def sign_in(self, provider=None, **how):
        pending = await self.begin(provider, **how)
        return await pending.redeem(await self.answer(pending))

    def sent_to(self, endpoint: str):
        return [each for each in self.server.requests if each.endpoint == endpoint]

    def asked(self) -> dict[str, str]:
        """The parameters of the first authorization request."""
        return dict(self.sent_to("authorization")[0].query)


@pytest.fixture
async def start(anyio_backend) -> AsyncIterator[Callable[..., Here]]:
    http = HttpClient()
    started: list[AuthorizationServer] = []

    def start(**how) -> Here:
        server = AuthorizationServer(**how)
        server.start()
        started.append(server)
        return Here(server, http)

    yield start
    for server in started:
        server.stop()
    await http.close()


@pytest.fixture
async def here(start) -> Here:
    return start()


@pytest.fixture
async def plain(start) -> Here:
    """A server that speaks OAuth 2 and no OpenID Connect."""
    return start(openid=False)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server
