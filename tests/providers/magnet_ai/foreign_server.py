"""A server that answers to order, where the stand-in is too well-behaved to do so."""

from __future__ import annotations

from manager.practice.faults import HttpFaults
from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.practice_server import PracticeServer, Route


class Foreign(PracticeServer[HttpFaults]):
    """Gives prepared answers by path, and one to every other path."""

    def __init__(self, answers: dict[str, HttpReply], otherwise: HttpReply) -> None:
        super().__init__(HttpFaults())
        self._answers, self._otherwise = answers, otherwise

    def routes(self) -> tuple[Route, ...]:
        return ()

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        return self._answers.get(request.path, self._otherwise)
