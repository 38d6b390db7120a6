"""What a practice server saw of rotations: which refresh token came when, and in which order."""

from __future__ import annotations

import threading

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.practice_server import Route


class RotatingServer(AuthorizationServer):
    """Notes each refresh as it arrives, before it is processed."""

    def __init__(self) -> None:
        super().__init__()
        self.presented: list[str] = []
        self._arrived = threading.Condition()

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        token = request.form.get("refresh_token", "")
        if route is not None and route.endpoint == "token" and token:
            with self._arrived:
                self.presented.append(token)
                self._arrived.notify_all()
        return super().process(request, route)

    def presented_of(self, family: int, since: int = 0) -> list[str]:
        """The refresh tokens of one sign-in that came, oldest first."""
        return [each for each in self.presented[since:] if self.family_of(each) == family]

    def wait_for_refresh(self, family: int, since: int, seconds: float) -> bool:
        with self._arrived:
            return self._arrived.wait_for(lambda: self.presented_of(family, since), seconds) != []

    def family_of(self, refresh_token: str) -> int:
        found = self.tokens.find(refresh_token)
        assert found is not None, "a refresh token came that this server never issued"
        return found.family

    def age_of(self, token: str) -> int:
        """How many tokens of the sign-in were issued before this one."""
        family = self.family_of(token)
        return [each.value for each in tuple(self.tokens.family(family))].index(token)

    def retired(self, refresh_token: str) -> bool:
        found = self.tokens.find(refresh_token)
        return found is not None and found.retired_at is not None
