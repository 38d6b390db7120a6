"""A body of 512 MiB behind a few hundred KiB of gzip, and one that never ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

_ASK = """
import asyncio, resource, sys
from manager.core.errors import ServerUnreachable
from manager.providers.http_client import HttpClient

async def main():
    http = HttpClient()
    await http.request("GET", sys.argv[1] + "/small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        await http.request("GET", sys.argv[1] + sys.argv[2], deadline=60)
    except ServerUnreachable as error:
        print(error, file=sys.stderr)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await http.close()

asyncio.run(main())
"""


def bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(512)) + packer.flush()


class Hostile(BaseHTTPRequestHandler):
    bomb: ClassVar[bytes] = b""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/bomb":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            if self.path == "/bomb":
                self.wfile.write(self.bomb)
            while self.path == "/endless":
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    Hostile.bomb = bomb()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/bomb", "/endless"])
def test_memory_grows_under_20_mib(hostile: str, path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASK, hostile, path], capture_output=True, text=True, check=True
    )
    assert "more than 1024 KiB" in done.stderr
    assert int(done.stdout) < 20 * 1024  # ru_maxrss is in KiB
