"""The provider holds to the contract of all providers, against the practice server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest

from manager.core.device_sign_in import PendingDevice
from manager.core.provider import SignInMethod, SignInRequest
from manager.oauth.redirection import parse_redirection_uri
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from manager.practice.provider_contract import CHECKS, Check, Trouble, checks
from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpClient
from manager.providers.oidc import OidcProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.providers.oidc.conftest import CONFIDENTIAL, PUBLIC

pytestmark = pytest.mark.anyio

FAULTS = {
    Trouble.LOST_ANSWER: {"lost_answers": 9},
    Trouble.CAPTIVE_PORTAL: {"captive_portal": "page"},
    Trouble.BROKEN: {"unavailable": {"*": 500}},
    Trouble.RATE_LIMITED: {"rate_limited": {"*": "7"}},
}
WELL = {"lost_answers": 0, "captive_portal": "", "unavailable": {}, "rate_limited": {}}


class PracticeServerSetting:
    def __init__(self, http: HttpClient, server: AuthorizationServer, foreign_url: str) -> None:
        self.provider = OidcProvider(http, SystemClock(), SystemRandomness(), lambda _: None)
        self.request = SignInRequest(server.issuer, client=PUBLIC)
        self.foreign_url = foreign_url
        self.resource_url = server.issuer
        self.server = server
        self._codes: set[str] = set()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.server.tokens.issued, *self._codes)

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


class PracticeSetting(PracticeServerSetting):
    async def _visit(self, url: str, person: Person) -> Mapping[str, str]:
        redirect = await asyncio.to_thread(person.visit, url)
        return dict(parse_redirection_uri(redirect).parameters)

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        answer = await self._visit(authorization_url, Person())
        self._codes.add(answer["code"])
        return answer

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        return await self._visit(authorization_url, Person(allow=False))


class DeviceSetting(PracticeServerSetting):
    async def confirm(self, pending: PendingDevice) -> None:
        self._codes |= set(self.server.devices.pending)
        await self._decide(pending, Person())

    async def refuse(self, pending: PendingDevice) -> None:
        await self._decide(pending, Person(allow=False))

    async def _decide(self, pending: PendingDevice, person: Person) -> None:
        assert pending.verification_uri_complete is not None
        await asyncio.to_thread(person.confirm, pending.verification_uri_complete)


@pytest.fixture
def foreign_url() -> Iterator[str]:
    with SpeckleServer() as speckle:
        yield speckle.url


@pytest.fixture(params=["openid", "plain OAuth 2"])
async def setting(http, foreign_url, request) -> AsyncIterator[PracticeSetting]:
    with AuthorizationServer(openid=request.param == "openid") as server:
        yield PracticeSetting(http, server, foreign_url)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract(setting: PracticeSetting, check: Check) -> None:
    await check(setting)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract_with_a_client_that_has_a_secret(
    setting: PracticeSetting, check: Check
) -> None:
    setting.request = SignInRequest(setting.server.issuer, client=CONFIDENTIAL)
    await check(setting)


@pytest.mark.parametrize("openid", [True, False])
@pytest.mark.parametrize("check", checks(SignInMethod.DEVICE), ids=lambda check: check.__name__)
async def test_contract_by_device(http, foreign_url, openid: bool, check: Check) -> None:
    with AuthorizationServer(openid=openid, interval=0.01) as server:
        await check(DeviceSetting(http, server, foreign_url))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract_where_programs_register_themselves(http, foreign_url, check: Check) -> None:
    with AuthorizationServer(registration=True) as server:
        setting = PracticeSetting(http, server, foreign_url)
        setting.request = SignInRequest(server.issuer)
        await check(setting)
