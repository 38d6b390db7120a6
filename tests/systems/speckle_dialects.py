"""Speckle with a personal access token, as today's servers make them and as older ones did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from manager.practice.practice_server import PracticeServer
from manager.practice.speckle_server import SpeckleServer

from .dialect import graphql_serves
from .form_dialects import ByForm

_DAY = 86_400.0


class SpeckleToken(ByForm):
    name = "speckle personal access token"
    provider = "speckle"
    form = "personal_access_token"
    scopes: ClassVar[tuple[str, ...]] = ("profile:read", "profile:email", "streams:read")
    renews = False
    ends = False
    ages_by = 31 * _DAY

    @contextmanager
    def running(self) -> Iterator[None]:
        with SpeckleServer() as self._server:
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def typed(self) -> Mapping[str, str]:
        token = self._server.issue_personal_token(scopes=self.scopes, lifespan=30 * _DAY)
        return {"token": token}

    def mistyped(self) -> Mapping[str, str]:
        return {"token": "f" * 42}

    def resource(self) -> tuple[str, str]:
        return "POST", f"{self._server.url}/graphql"

    def serves(self, headers: Mapping[str, str], body: bytes | None = None) -> bool:
        return graphql_serves(f"{self._server.url}/graphql", headers)

    def refreshes(self) -> int:
        return self._server.counters["token:refresh_token"]


class SpeckleOlderToken(SpeckleToken):
    name = "speckle personal access token with tokens:write"
    scopes = (*SpeckleToken.scopes, "tokens:read", "tokens:write")
    ends = True


DIALECTS = (SpeckleToken, SpeckleOlderToken)
