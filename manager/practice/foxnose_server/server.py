"""A stand-in for FoxNose, faithful in what account managers and its SDK touch."""

from __future__ import annotations

from typing import Any

from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.practice_server import PracticeServer, Route

from .authentication import Authentication
from .envelope import envelope, refusal
from .faults import FoxNoseFaults
from .flux import FluxServer
from .key_store import KeyStore, StoredKey
from .management import ManagementApi
from .sessions import Sessions

_FOR_ANYBODY = frozenset({"login", "refresh"})


class FoxNoseServer(PracticeServer[FoxNoseFaults]):
    """`with FoxNoseServer() as server: server.url, server.flux_url`.

    Two origins, as in reality: the Management API here, the environment's Flux API at `flux_url`
    with the one API `api_prefix`. Faults hold for both; `flux.requests` is a log of its own.
    """

    token_endpoints = frozenset({"login", "refresh"})
    rate_limit_body = envelope("rate_limit_exceeded")

    def __init__(
        self,
        faults: FoxNoseFaults | None = None,
        *,
        environment: str = "7c9h4pwu",
        api_prefix: str = "v1",
        port: int = 0,
    ) -> None:
        super().__init__(faults or FoxNoseFaults(), port)
        self.environment = environment
        self.api_prefix = api_prefix
        self.sessions = Sessions()
        self.keys = KeyStore(environment)
        self.authentication = Authentication(self.sessions, self.keys)
        self.flux = FluxServer(self)
        self._management = ManagementApi(self)

    def start(self) -> None:
        self.flux.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.flux.stop()

    @property
    def flux_url(self) -> str:
        return self.flux.url

    @property
    def refreshes(self) -> int:
        """How many pairs were renewed."""
        return self.counters["renewed"]

    @property
    def reuse_detected(self) -> int:
        """How often a refresh token came that a renewal had replaced."""
        return self.counters["refresh_token_reuse"]

    def new_key(self, api: str = "flux", description: str = "Practice") -> tuple[StoredKey, str]:
        """A key as the dashboard makes it, and its secret half."""
        return self.keys.create(api, description, None, self.now())

    def change_faults(self, **changes: Any) -> None:
        super().change_faults(**changes)
        self.flux.faults = self.faults
        self._routes = self.routes()

    def expire_access_tokens(self) -> None:
        self.sessions.end_access()

    def revoke_everything(self) -> None:
        self.sessions.end_all()
        self.keys.keys.clear()

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "flux_counters": dict(self.flux.counters),
            "refreshes": self.refreshes,
            "reuse_detected": self.reuse_detected,
            "live_access_tokens": len(self.sessions.access),
            "live_refresh_tokens": len(self.sessions.refresh),
            "keys": len(self.keys.keys),
        }

    def routes(self) -> tuple[Route, ...]:
        return self._management.routes()

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        """The path first, with its slash, then who asks, then what is asked."""
        if not request.path.endswith("/"):
            return refusal("trailing_slash_required")
        if route is None:
            return refusal("not_found")
        if route.endpoint in _FOR_ANYBODY:
            return route.handler(request)
        caller = self.authentication.of_management(request, self.now(), self.faults)
        if caller is None:
            return refusal("authentication_failed")
        if self.faults.refuse_everybody:
            return refusal(self.faults.refuse_everybody)
        if self._is_elsewhere(request):
            return refusal("not_found")
        return route.handler(request)

    def _is_elsewhere(self, request: HttpRequest) -> bool:
        parts = request.path.split("/")
        return parts[1] == "v1" and parts[2] != self.environment
