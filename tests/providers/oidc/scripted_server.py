"""A real HTTP server whose answers a test writes down, for what no faithful server says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Self

from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.http_service import HttpService


def json_document(value: object, status: int = 200, **headers: str) -> HttpReply:
    pairs = tuple((name.replace("_", "-"), each) for name, each in headers.items())
    content = ("Content-Type", "application/json")
    return HttpReply(status, (content, *pairs), json.dumps(value).encode())


class ScriptedServer:
    """`answers`: by path; a path without one is 404. `requests`: as they came."""

    def __init__(self) -> None:
        self.answers: dict[str, HttpReply] = {}
        self.requests: list[HttpRequest] = []
        self._service = HttpService(self._answer)

    def __enter__(self) -> Self:
        self._service.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._service.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._service.port}"

    @property
    def asked(self) -> Counter[str]:
        return Counter(request.path for request in self.requests)

    def metadata(self, path: str = "", **members: object) -> Mapping[str, object]:
        """The least that a server at `path` has to say."""
        return {
            "issuer": self.url + path,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            **members,
        }

    def _answer(self, request: HttpRequest) -> HttpReply:
        self.requests.append(request)
        return self.answers.get(request.path, HttpReply(404, (), b"<html>nothing here</html>"))
