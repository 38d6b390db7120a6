"""The Flux API: an origin of its own for each environment (`https://<environment>.fxns.io`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.practice_server import PracticeServer, Route

from .envelope import envelope, refusal
from .faults import FoxNoseFaults

if TYPE_CHECKING:
    from .server import FoxNoseServer


class FluxServer(PracticeServer[FoxNoseFaults]):
    """Delivers anything to anybody whom it knows: `/{api_prefix}/...`."""

    rate_limit_body = envelope("rate_limit_exceeded")

    def __init__(self, server: FoxNoseServer) -> None:
        super().__init__(server.faults)
        self._server = server

    def routes(self) -> tuple[Route, ...]:
        prefix = f"/{self._server.api_prefix}"
        return (Route("router", "GET", f"{prefix}/_router", self._router),)

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        parts = request.path.split("/")
        if len(parts) < 3 or parts[1] != self._server.api_prefix:
            return refusal("not_found")
        authentication, now = self._server.authentication, self._server.now()
        caller = authentication.of_flux(request, now, self.faults)
        if caller is None and not self.faults.open_api:
            return refusal("authentication_required")
        if self.faults.refuse_everybody:
            return refusal(self.faults.refuse_everybody)
        return route.handler(request) if route else _delivered(request)

    def _router(self, _: HttpRequest) -> HttpReply:
        return json_reply({"prefix": self._server.api_prefix, "routes": []})


def _delivered(request: HttpRequest) -> HttpReply:
    """A list, a search, one resource or a new one, told by the path and the method."""
    parts = [unquote(each) for each in request.path.split("/")[2:]]
    if parts[-1] == "_search" and request.method == "POST":
        try:
            asked = json.loads(request.body)
        except ValueError:
            return refusal("validation_error")
        return json_reply({"count": 0, "results": [], "asked": asked})
    if request.method == "GET" and len(parts) == 1:
        return json_reply({"limit": 100, "next": None, "previous": None, "results": []})
    if request.method == "GET":
        return json_reply({"_sys": {"key": parts[-1]}, "data": {}})
    return json_reply({"_sys": {"key": "new"}, "data": {}}, 201)
