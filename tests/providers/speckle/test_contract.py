"""The provider holds to the contract of all providers, against the practice server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest

from manager.core.provider import RedirectMethod, SignInMethod, SignInRequest
from manager.core.sign_in_form import SignInForm
from manager.practice.person import Person
from manager.practice.provider_contract import Check, Trouble, checks
from manager.practice.speckle_server import Application, SpeckleServer
from manager.providers.http_client import HttpClient
from manager.providers.speckle import SpeckleProvider

pytestmark = pytest.mark.anyio

BY_BROWSER = checks(SignInMethod.BROWSER, verifies=True)
BY_TOKEN = checks(SignInMethod.FORM, renews=False, verifies=True)
FAULTS = {
    Trouble.LOST_ANSWER: {"lost_answers": 9},
    Trouble.CAPTIVE_PORTAL: {"captive_portal": "page"},
    Trouble.BROKEN: {"unavailable": {"*": 500}},
    Trouble.RATE_LIMITED: {"rate_limited": {"*": "7"}},
}
WELL = {"lost_answers": 0, "captive_portal": "", "unavailable": {}, "rate_limited": {}}


class PracticeSetting:
    """Whoever holds a Speckle account; see below for how the person signs in."""

    def __init__(self, provider, server: SpeckleServer, foreign_url: str) -> None:
        self.provider = provider
        self.request = SignInRequest(server.url)
        self.foreign_url = foreign_url
        self.resource_url = server.url
        self.server = server
        self._issued: set[str] = set()

    @property
    def secrets(self) -> tuple[str, ...]:
        tokens = self.server.tokens
        self._issued |= {each.value for each in (*tokens.access.values(), *tokens.refresh.values())}
        return tuple(self._issued)

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        return self.server.accepts(headers["Authorization"].removeprefix("Bearer "))

    async def end_sign_ins(self) -> None:
        assert self.secrets
        self.server.revoke_everything()

    @asynccontextmanager
    async def trouble(self, trouble: Trouble) -> AsyncIterator[None]:
        if trouble is Trouble.AWAY:
            self.server._wanted_port = self.server.port
            self.server.stop()
        else:
            self.server.change_faults(**FAULTS[trouble])
        try:
            yield
        finally:
            if trouble is Trouble.AWAY:
                self.server.start()
            self.server.change_faults(**WELL)


class BrowserSetting(PracticeSetting):
    async def _visit(self, url: str, person: Person) -> Mapping[str, str]:
        redirect = await asyncio.to_thread(person.visit, url)
        return dict(parse_qsl(urlsplit(redirect).query, strict_parsing=True))

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        answer = await self._visit(authorization_url, Person())
        self._issued.add(answer["access_code"])
        return answer

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        return await self._visit(authorization_url, Person(allow=False))


class TokenSetting(PracticeSetting):
    """A person whose token may also end itself, as those of older servers may."""

    form_id = "personal_access_token"

    def fill(self, form: SignInForm) -> Mapping[str, str]:
        token = self.server.issue_personal_token(
            scopes=("profile:read", "profile:email", "tokens:write")
        )
        self._issued.add(token)
        return {"token": token}

    def mistype(self, form: SignInForm) -> Mapping[str, str]:
        return {"token": "f" * 42}


@pytest.fixture
def server() -> Iterator[SpeckleServer]:
    asks_first = Application(
        "sdm", "Speckle Desktop Manager", "speckle://account", trust_by_default=False
    )
    with SpeckleServer(applications=[asks_first]) as started:
        yield started


@pytest.fixture
async def practised(clock, randomness) -> AsyncIterator[SpeckleProvider]:
    http = HttpClient()
    yield SpeckleProvider(http, clock, randomness)
    await http.close()


@pytest.fixture
def setting(practised, server, foreign_url) -> BrowserSetting:
    return BrowserSetting(practised, server, foreign_url)


@pytest.mark.parametrize("check", BY_TOKEN, ids=lambda check: check.__name__)
async def test_contract_with_a_personal_access_token(
    practised, server, foreign_url, check: Check
) -> None:
    await check(TokenSetting(practised, server, foreign_url))


@pytest.mark.parametrize("check", BY_BROWSER, ids=lambda check: check.__name__)
async def test_contract(setting, check: Check) -> None:
    await check(setting)


@pytest.mark.parametrize("check", BY_BROWSER, ids=lambda check: check.__name__)
async def test_contract_with_a_server_that_rotates_and_speaks_s256(setting, check: Check) -> None:
    setting.server.change_faults(rotation=True, s256=True)
    await check(setting)


@pytest.mark.parametrize("login", ["alice", "bob"])
async def test_pictures_uploaded_and_linked(setting, login: str) -> None:
    provider = setting.provider
    way = provider.redirection(setting.server.url, RedirectMethod.LOOPBACK)
    pending = await provider.begin(setting.request, way.uri)
    redirect = await asyncio.to_thread(Person(login).visit, pending.authorization_url)
    result = await pending.redeem(dict(parse_qsl(urlsplit(redirect).query)))
    assert result.identity.label.startswith(login)
    avatar = await provider.avatar(result.server, result.identity, result.credential)
    assert avatar is not None
    assert avatar.media_type == "image/png"
    last = setting.server.requests[-1]
    assert last.endpoint == ("avatar" if login == "bob" else "graphql")
    assert login == "alice" or "authorization" not in last.headers
