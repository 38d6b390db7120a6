"""A stand-in for an Acme server: what the author of the example would write to try it."""

from __future__ import annotations

from manager.practice.faults import HttpFaults
from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.practice_server import PracticeServer, Route

ALICE = {"id": 7, "mail": "alice@example.com", "name": "Alice"}


class AcmeServer(PracticeServer[HttpFaults]):
    def __init__(self) -> None:
        super().__init__(HttpFaults())
        self.keys = {"acme-key-of-alice": ALICE}

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("version", "GET", "/api/version", self._version),
            Route("me", "GET", "/api/me", self._me),
        )

    def revoke_everything(self) -> None:
        self.keys.clear()

    def _version(self, request: HttpRequest) -> HttpReply:
        return json_reply({"acme": "3.1"})

    def _me(self, request: HttpRequest) -> HttpReply:
        who = self.keys.get(request.headers.get("x-acme-key", ""))
        return json_reply({"error": "no such key"}, 401) if who is None else json_reply(who)
