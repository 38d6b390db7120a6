"""The provider `magnet-ai` beside its stand-in, over real HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from manager.core.moment import Moment
from manager.core.provider import SignInRequest, SignInResult
from manager.core.sign_in_form import SignInForm, checked_values
from manager.practice.magnet_server import MagnetServer
from manager.practice.practice_server import RequestRecord
from manager.providers.http_client import HttpClient
from manager.providers.magnet_ai import MagnetAiProvider

PASSWORD = "pass-word-of-alice-4711"


@dataclass
class TestClock:
    """Real time at first; goes on only when somebody sleeps."""

    __test__ = False
    wall: float = field(default_factory=time.time)
    boot: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> Moment:
        return Moment(self.wall, self.boot, "boot")

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)
        await asyncio.sleep(0)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.boot += seconds


@dataclass
class Here:
    """A server in one dialect, and what it takes to sign in there."""

    server: MagnetServer
    provider: MagnetAiProvider
    clock: TestClock

    async def begin(self, form: str, dialect: str = "", **request: Any):
        asked = SignInRequest(self.server.url, dialect=dialect, **request)
        return await self.provider.begin_form(asked, form)

    async def submit(self, form: str, **typed: str) -> SignInResult | SignInForm:
        pending = await self.begin(form)
        return await pending.submit(checked_values(pending.form, typed))

    async def by_password(self, login: str = "alice", **more: str) -> SignInResult:
        name = "username" if self.server.name == "seed" else "email"
        who = login if name == "username" else f"{login}@example.com"
        return await self.submit("password", **{name: who, "password": PASSWORD, **more})

    def asked(self, endpoint: str) -> list[RequestRecord]:
        return [each for each in self.server.requests if each.endpoint == endpoint]


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def start(http: HttpClient, clock: TestClock) -> Iterator[Callable[..., Here]]:
    running: list[MagnetServer] = []

    def start(dialect: str, **faults: object) -> Here:
        server = MagnetServer(dialect)
        server.change_faults(**faults)
        server.start()
        running.append(server)
        return Here(server, MagnetAiProvider(http, clock), clock)

    yield start
    for server in running:
        server.stop()
