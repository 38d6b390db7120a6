"""Magnet AI: the seed's dialect, release 0.6, and v2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from manager.practice.magnet_server import MagnetServer
from manager.practice.practice_server import PracticeServer

from .dialect import YEAR
from .form_dialects import PASSWORD, ByForm


class Magnet(ByForm):
    provider = "magnet-ai"
    dialect: ClassVar[str]
    faults: ClassVar[Mapping[str, Any]] = {}
    path = "/api/user/agents"

    @contextmanager
    def running(self) -> Iterator[None]:
        with MagnetServer(self.dialect) as self._server:
            self._server.change_faults(**self.faults)
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def resource(self) -> tuple[str, str]:
        return "GET", self._server.url + self.path

    def refreshes(self) -> int:
        counted = self._server.requests
        return sum(1 for each in counted if each.endpoint == "refresh" and each.status < 300)


class SeedPassword(Magnet):
    name = "magnet-ai seed, password"
    dialect = "seed"
    form = "password"
    identity = "alice"
    path = "/api/agents"
    ages_by = 31 * 86_400.0
    renews_expired = False

    def typed(self) -> Mapping[str, str]:
        return {"username": "alice", "password": PASSWORD}


class SeedToken(SeedPassword):
    name = "magnet-ai seed, pasted token"
    form = "token"

    def typed(self) -> Mapping[str, str]:
        return {"token": self._server.seed.new_token()}

    def mistyped(self) -> Mapping[str, str]:
        return {"token": "a-token-that-nobody-made"}


class SeedSession(SeedPassword):
    name = "magnet-ai seed, session"
    form = "session"
    renews = False
    has_token = False
    ends = False
    ages_by = YEAR


class Release06Key(Magnet):
    name = "magnet-ai 0.6, API key"
    dialect = "0.6"
    form = "api_key"
    identity = ""
    renews = False
    ends = False

    def typed(self) -> Mapping[str, str]:
        return {"api_key": self._server.release_0_6.new_key()}

    def mistyped(self) -> Mapping[str, str]:
        return {"api_key": "a-key-that-nobody-made"}


class V2Password(Magnet):
    name = "magnet-ai v2, password"
    dialect = "v2"
    form = "password"
    ages_by = 3600.0
    lives_out = True

    def typed(self) -> Mapping[str, str]:
        return {"email": "alice@example.com", "password": PASSWORD}


class V2SecondFactor(V2Password):
    name = "magnet-ai v2, second factor"
    faults: ClassVar[Mapping[str, Any]] = {"mfa": ["alice"]}

    def second_step(self) -> Mapping[str, str]:
        return {"code": "123 456"}


class V2Key(Release06Key):
    name = "magnet-ai v2, API key"
    dialect = "v2"

    def typed(self) -> Mapping[str, str]:
        return {"api_key": self._server.v2.new_key()}


DIALECTS = (SeedPassword, SeedToken, SeedSession, Release06Key, V2Password, V2SecondFactor, V2Key)
