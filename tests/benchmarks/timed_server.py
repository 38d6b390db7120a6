"""The practice server with a watch: what it spends itself is no cost of who asks it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from manager.practice.authorization_server.client_registry import ACCOUNT_MANAGER, Client
from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.people import PEOPLE, Person

_COLOUR = (37, 99, 235)
# oidc-agent sends client credentials as they are, not form-encoded as RFC 6749 section 2.3.1 says.
PEER = Client("peer", "The peer", ACCOUNT_MANAGER.redirect_uris, "a-plain-secret")


class TimedServer(AuthorizationServer):
    """`spent`: seconds inside the server's own handlers since `start_watch`."""

    def __init__(self) -> None:
        super().__init__(clients=[PEER])
        self.spent = 0.0
        self._adding = threading.Lock()

    def newcomer(self) -> str:
        """The login of somebody who has not signed in yet."""
        number = len(PEOPLE)
        login = f"person-{number}"
        address = f"{login}@example.com"
        PEOPLE[login] = Person(login, f"9{number:011}", f"Person {number}", address, "", _COLOUR)
        return login

    def start_watch(self) -> None:
        self.spent = 0.0

    def _answer(self, request: HttpRequest) -> HttpReply:
        # oidc-agent leaves spaces in its forms as they are; most servers read them nevertheless.
        request = replace(request, body=request.body.replace(b" ", b"+"))
        began = time.perf_counter()
        try:
            return super()._answer(request)
        finally:
            with self._adding:
                self.spent += time.perf_counter() - began
