"""An address at which none of the systems stands: what was tried, and what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.hardship.running_agent import RunningAgent

pytestmark = [pytest.mark.real, pytest.mark.whole]
KINDS = ("Speckle", "Mesh", "FoxNose", "Magnet AI", "OpenID Connect")


class Shop(BaseHTTPRequestHandler):
    """A web server that has nothing to do with any of this, and takes no POST at all (501)."""

    def do_GET(self) -> None:
        body = b"<html><title>A shop</title></html>"
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_login_says_what_was_tried_and_what_to_do(agent: RunningAgent, shop: str) -> None:
    told = agent.command("login", shop)
    assert told.returncode == 64
    assert all(kind in told.stderr for kind in KINDS), told.stderr
    assert "--provider" in told.stderr
    assert "--client-id" in told.stderr
    assert told.stdout == ""
