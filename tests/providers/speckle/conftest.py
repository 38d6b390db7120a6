"""A small Speckle server that gives answers to order, where the practice server is too well-behaved
to give them. What a server really does is tried against the practice server: see test_contract."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from manager.core.moment import Moment
from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpClient
from manager.providers.speckle import SpeckleProvider
from manager.system.randomness import SystemRandomness

APPS = {"sdm": "speckle://account", "sca": "http://localhost:29363"}
SCOPES = ["streams:read", "streams:write", "profile:read", "profile:email", "users:read"]
INVALID = (403, {}, b'{"error":"Your token is not valid."}')


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Speckle:
    """`ordered`: answers that come instead of the server's own, by path, in turn."""

    url: str = ""
    s256: bool = False
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: dict[str, str] = field(default_factory=dict)
    user: dict[str, Any] = field(
        default_factory=lambda: {
            "id": "u1", "name": "Ada", "email": "ada@example.org", "company": "", "avatar": None,
        }
    )  # fmt: skip
    errors: list[dict[str, Any]] = field(default_factory=list)
    ordered: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    portal: bool = False

    def allow(self, authorization_url: str, refuse_challenge: bool = False) -> str:
        """What the front end's page does: the code for this challenge."""
        _, _, rest = authorization_url.partition("/authn/verify/")
        app, _, challenge = rest.partition("?")[0].partition("/")
        code = secrets.token_hex(21)
        self.codes[code] = (app, "other" if refuse_challenge else challenge)
        return code

    def order(self, path: str, status: int, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.ordered.setdefault(path, []).append((status, named, body))

    def asked(self, path: str) -> list[Seen]:
        return [each for each in self.seen if each.path == path]

    def answer(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        self.seen.append(seen)
        if self.portal:
            return 200, {"Content-Type": "text/html"}, b"<html>Log in</html>"
        waiting = self.ordered.get(seen.path)
        if waiting:
            return waiting.pop(0)
        bearer = seen.headers.get("authorization")
        if "authn=" in seen.headers.get("cookie", "") or (
            bearer is not None and bearer.removeprefix("Bearer ") not in self.access
        ):
            return INVALID
        routes = {
            "/auth/token": self._token,
            "/oauth/token": self._oauth_token,
            "/auth/logout": self._logout,
            "/graphql": self._graphql,
        }
        route = routes.get(seen.path)
        return (404, {}, b"<html>Not found</html>") if route is None else route(seen)

    def _pair(self, app: str) -> tuple[int, dict[str, str], bytes]:
        token, refresh = secrets.token_hex(21), secrets.token_hex(21)
        self.access.add(token)
        self.refresh[refresh] = app
        return 200, {}, json.dumps({"token": token, "refreshToken": refresh}).encode()

    def _token(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        body = seen.body
        if "refreshToken" in body:
            app = self.refresh.get(body["refreshToken"])
            if app != body["appId"] or body["appSecret"] != app:
                return _err("Invalid request")
            return self._pair(app)
        code = self.codes.get(body["accessCode"])
        if code is None:
            return _err("Access code not found.")
        if code[0] != body["appId"]:
            return _err("Invalid request: application id does not match.")
        del self.codes[body["accessCode"]]
        if code[1] != body["challenge"]:
            return _err("Code challenge mismatch.")
        return self._pair(code[0])

    def _oauth_token(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if not self.s256:
            return 404, {}, b"Not found"
        if seen.method == "GET":
            return 200, {}, b"supported"
        digest = hashlib.sha256(seen.body["codeVerifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.codes.pop(seen.body["accessCode"], None) != (seen.body["appId"], challenge):
            return _err("Code challenge mismatch.")
        return self._pair(seen.body["appId"])

    def _logout(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if seen.body.get("token") not in self.access:
            return 400, {}, b"Something went wrong while trying to logout."
        self.access.discard(seen.body["token"])
        self.refresh.pop(seen.body.get("refreshToken", ""), None)
        return 200, {}, b'{"message":"You have logged out."}'

    def _graphql(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        known = "authorization" in seen.headers
        data: dict[str, Any] = {
            "serverInfo": {"name": "Practice Speckle"},
            "app": {"scopes": [{"name": scope} for scope in SCOPES]},
            "activeUser": self.user if known else None,
            **{app: {"id": app, "redirectUrl": uri} for app, uri in APPS.items()},
        }
        answer: dict[str, Any] = {"data": data}
        if self.errors:
            answer["errors"] = self.errors
        return 200, {}, json.dumps(answer).encode()


def _err(message: str) -> tuple[int, dict[str, str], bytes]:
    return 401, {}, json.dumps({"err": message}).encode()


class Listening:
    """Serves `state` on 127.0.0.1 until it is closed."""

    def __init__(self, state: Speckle) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(content) if content else {}
                status, more, answer = state.answer(Seen(self.command, self.path, headers, body))
                if status == 0:
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Set-Cookie", "authn=stale; Path=/")
                for name, value in more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        state.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def speckle() -> Speckle:
    return Speckle()


@pytest.fixture
def listening(speckle: Speckle) -> Iterator[Listening]:
    served = Listening(speckle)
    yield served
    served.close()


@pytest.fixture
def foreign_url() -> Iterator[str]:
    """A web server that answers a page to everything."""
    state = Speckle(portal=True)
    served = Listening(state)
    yield state.url
    served.close()


class TestClock:
    """Stands at one moment until it is told to go on; never really waits."""

    __test__ = False

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0

    def now(self) -> Moment:
        return Moment(self.wall, 1000.0, "boot")

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0)


@pytest.fixture
def practice() -> Iterator[SpeckleServer]:
    """The stand-in that is true to the real server."""
    with SpeckleServer() as running:
        yield running


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def randomness() -> SystemRandomness:
    return SystemRandomness()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home where no program of Speckle has ever run."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
async def at_home(clock: TestClock, home: Path, tmp_path: Path) -> AsyncIterator[SpeckleProvider]:
    """A provider that may look for, and write, the files of other programs."""
    http = HttpClient()
    environ = {"HOME": str(home)}
    yield SpeckleProvider(http, clock, SystemRandomness(), environ, tmp_path / "data")
    await http.close()


@pytest.fixture
async def provider(clock: TestClock, listening: Listening) -> AsyncIterator[SpeckleProvider]:
    http = HttpClient()
    yield SpeckleProvider(http, clock, SystemRandomness())
    await http.close()
