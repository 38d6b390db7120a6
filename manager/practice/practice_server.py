"""What all practice servers share: life, routes, faults, counters and the log of requests."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import unquote

from .faults import HttpFaults
from .http_faults import delivered, instead
from .http_message import Delivery, HttpReply, HttpRequest, json_reply, text_reply
from .http_service import HttpService

FaultsType = TypeVar("FaultsType", bound=HttpFaults)
Handler = Callable[[HttpRequest], HttpReply]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is a template: `{}` stands for one segment."""

    endpoint: str
    methods: str
    path: str
    handler: Handler

    def matches(self, request: HttpRequest) -> bool:
        return request.method in self.methods.split() and self.segments(request.path) is not None

    def segments(self, path: str) -> list[str] | None:
        """What stands for each `{}` of the template; None when the path is another one."""
        ours, theirs = self.path.split("/"), path.split("/")
        if len(ours) != len(theirs):
            return None
        pairs = list(zip(ours, theirs, strict=True))
        if any(mine not in ("{}", yours) for mine, yours in pairs):
            return None
        return [unquote(yours) for mine, yours in pairs if mine == "{}"]


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as it came, for tests in this process; what is secret stays out of the repr."""

    endpoint: str
    method: str
    path: str
    status: int
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class PracticeServer(Generic[FaultsType]):
    """A server on 127.0.0.1 while the `with` block runs, or between `start` and `stop`."""

    token_endpoints: frozenset[str] = frozenset({"token"})
    """The endpoints that `lost_answers` and `cut_requests` count down on."""

    rate_limit_body: Mapping[str, Any] = MappingProxyType({"error": "slow_down"})
    """What a 429 of the fault `rate_limited` says."""

    def __init__(self, faults: FaultsType, port: int = 0) -> None:
        self.faults = faults
        self.requests: list[RequestRecord] = []
        self.counters: Counter[str] = Counter()
        self._wanted_port = port
        self._service = HttpService(self._answer)
        self._routes: tuple[Route, ...] = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """After a `stop` it comes back at the address that it had."""
        self._routes = self.routes()
        self._service.start(self._wanted_port)
        self._wanted_port = self.port
        self.started()

    def started(self) -> None:
        """The address is known now; nobody has been told it yet."""

    def stop(self) -> None:
        self._service.stop()

    @property
    def port(self) -> int:
        return self._service.port

    @property
    def url(self) -> str:
        """The server's origin, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        """Unix seconds on this server's clock."""
        return datetime.now(UTC).timestamp() + self.faults.clock_offset

    def change_faults(self, **changes: Any) -> None:
        """Change some faults by name. Raises ValueError."""
        self.faults = self.faults.changed(changes)

    def routes(self) -> tuple[Route, ...]:
        raise NotImplementedError

    def revoke_everything(self) -> None:
        """End every token: what a person does with "sign out everywhere"."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What `GET /practice/state` shows: figures, never a secret."""
        return {"counters": dict(self.counters)}

    def _answer(self, request: HttpRequest) -> HttpReply:
        if request.path.startswith("/practice/"):
            return self._control(request)
        route = next((each for each in self._routes if each.matches(request)), None)
        endpoint = route.endpoint if route else "unknown"
        self.counters[endpoint] += 1
        if endpoint in self.token_endpoints and self.faults.cut_requests > 0:
            self.faults = replace(self.faults, cut_requests=self.faults.cut_requests - 1)
            return HttpReply(delivery=Delivery.CUT)
        reply = instead(self.faults, endpoint, self.rate_limit_body)
        if reply is None:
            reply = self.process(request, route)
            if endpoint in self.token_endpoints and self.faults.lost_answers > 0:
                self.faults = replace(self.faults, lost_answers=self.faults.lost_answers - 1)
                reply = replace(reply, delivery=Delivery.CUT)
        self.requests.append(
            RequestRecord(
                endpoint,
                request.method,
                request.path,
                reply.status,
                request.query,
                request.form,
                request.headers,
                request.body,
            )
        )
        if reply.delivery is Delivery.CUT:
            return reply
        return delivered(self.faults, endpoint, reply)

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        """The reply of a server without faults."""
        return route.handler(request) if route else text_reply("Not found", 404)

    def _control(self, request: HttpRequest) -> HttpReply:
        """Faults and figures for tests in other processes; a web page gets nothing."""
        if "origin" in request.headers:
            return text_reply("Not for web pages", 403)
        if (request.method, request.path) == ("GET", "/practice/state"):
            return json_reply(self.state())
        if (request.method, request.path) == ("POST", "/practice/revoke"):
            self.revoke_everything()
            return json_reply(self.state())
        if request.path != "/practice/faults":
            return text_reply("Not found", 404)
        if request.method == "POST":
            try:
                changes = request.json()
                if not isinstance(changes, dict):
                    raise ValueError("the body is a JSON object of faults")
                self.change_faults(**changes)
            except (ValueError, TypeError) as wrong:
                return json_reply({"error": str(wrong)}, 400)
        return json_reply(self.faults.as_json())


def argument_parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m manager.practice.{program}")
    parser.add_argument("--port", type=int, default=0, help="0: an ephemeral one")
    parser.add_argument("--faults", default="{}", help="faults as a JSON object")
    return parser


def serve_until_told(server: PracticeServer[FaultsType], faults: str, **ready: str) -> int:
    """Start, print one JSON line with the server's address, and stop at SIGTERM or SIGINT.

    `ready` names further members of that line; "url" in them stands for the server's origin.
    """
    server.change_faults(**json.loads(faults))
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    with server:
        line = {"port": server.port, **{name: server.url + path for name, path in ready.items()}}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        while not told.wait(timeout=3600):
            pass
    return 0
