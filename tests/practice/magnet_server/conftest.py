"""Programs as the counterpart of the Magnet AI stand-in, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from manager.practice.magnet_server import MagnetServer

Start = Callable[..., tuple[MagnetServer, httpx.Client]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server in a dialect; a client that keeps no cookies comes with it."""
    servers: list[MagnetServer] = []
    clients: list[httpx.Client] = []

    def start(dialect: str, **faults: object) -> tuple[MagnetServer, httpx.Client]:
        server = MagnetServer(dialect)
        server.change_faults(**faults)
        server.start()
        servers.append(server)
        clients.append(httpx.Client(base_url=server.url, timeout=10, trust_env=False, verify=False))
        return server, clients[-1]

    yield start
    for client in clients:
        client.close()
    for server in servers:
        server.stop()
