"""The requests to one Magnet AI server; each is sent once."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from manager.core.account import Server
from manager.core.errors import RateLimited
from manager.core.ports import Clock
from manager.core.server_address import origin
from manager.providers.http_client import HttpAnswer, HttpClient
from manager.providers.no_verdict import no_verdict

from .answers import NAME
from .pacing import Pacing, token_name
from .rate_limit import pause_after_refusal


class MagnetServer:
    """Lives at an origin: its cookies and its web pages do not work below a path."""

    def __init__(self, url: str, http: HttpClient, clock: Clock, pacing: Pacing) -> None:
        self.origin = origin(url)
        self.host = urlsplit(self.origin).netloc
        self._http = http
        self._clock = clock
        self._pacing = pacing

    @property
    def server(self) -> Server:
        """None of the dialects says what a server calls itself."""
        return Server(self.origin, self.host)

    async def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        json: object = None,
        essential: bool = False,
    ) -> HttpAnswer:
        """What the server says, yes or no. Raises RateLimited (429, or held back and not sent),
        ServerUnreachable (5xx too), AnswerLost."""
        shown = dict(headers or {})
        token = token_name(self.origin, shown)
        await self._pacing.turn(token, self.host, essential=essential)
        answer = await self._http.request(
            method, f"{self.origin}{path}", headers=shown, json=json, deadline=20.0
        )
        self._pacing.note(token, answer)
        wall = self._clock.now().wall
        if answer.status == 429:
            wait = pause_after_refusal(answer.headers, wall)
            raise RateLimited(f"{self.host} asks for a pause.", retry_after=wait)
        if answer.status >= 500:
            raise no_verdict(answer, wall, NAME)
        return answer
