"""One Magnet AI server in the dialect that it is started with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.practice_server import PracticeServer, Route

from .faults import MagnetFaults
from .release_0_6 import Release06
from .seed import RATE_LIMITED, SeedDialect
from .v2 import V2Dialect
from .v2_sessions import Conflict

DIALECTS = ("seed", "0.6", "v2")


class MagnetServer(PracticeServer[MagnetFaults]):
    """`with MagnetServer("v2") as server: server.url`. `issued`: every secret so far."""

    token_endpoints = frozenset({"token", "refresh", "login", "mfa_verify"})

    def __init__(
        self, dialect: str = "seed", faults: MagnetFaults | None = None, *, port: int = 0
    ) -> None:
        super().__init__(faults or MagnetFaults(), port)
        self.name = dialect
        self.secret = secrets.token_urlsafe(48)
        self.issued: set[str] = set()
        self.allowed_origins: set[str] = set()
        self.seed = SeedDialect(self)
        self.release_0_6 = Release06(self)
        self.v2 = V2Dialect(self)
        spoken: dict[str, SeedDialect | Release06 | V2Dialect]
        spoken = {"seed": self.seed, "0.6": self.release_0_6, "v2": self.v2}
        self._dialect = spoken[dialect]
        if dialect != "seed":
            too_many = {"error": "Too many requests. Please try again later."}
            self.rate_limit_body: Mapping[str, Any] = MappingProxyType(too_many)
        else:
            self.rate_limit_body = MappingProxyType(RATE_LIMITED)

    def started(self) -> None:
        """OAUTH2_REDIRECT_BASE_URL is the server's own address."""
        self.allowed_origins.add(self.url)

    def routes(self) -> tuple[Route, ...]:
        return self._dialect.routes()

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        return self._dialect.process(request, lambda: route.handler(request) if route else None)

    def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether a request for the agents with these headers would be let in now."""
        lower = {name.lower(): value for name, value in headers.items()}
        return self._dialect.accepts(HttpRequest("GET", self._dialect.resource, lower))

    @property
    def reuse_detected(self) -> int:
        """How often something came to be renewed that had been renewed before."""
        return self.counters["refresh_token_reuse"]

    def revoke_everything(self) -> None:
        self._dialect.revoke_everything()

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "reuse_detected": self.reuse_detected,
            **self._dialect.state(),
        }

    def note(self, secret: str) -> str:
        self.issued.add(secret)
        return secret

    def renew_secret(self) -> None:
        """Sign with another key from now on: what was signed before is worth nothing."""
        self.secret = secrets.token_urlsafe(48)

    def meet_lock(self) -> None:
        """Raises Conflict as often as the fault `conflicts` says."""
        if self.faults.conflicts > 0:
            self.faults = replace(self.faults, conflicts=self.faults.conflicts - 1)
            raise Conflict("Token validation in progress, please retry")
