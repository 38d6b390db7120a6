"""A real socket server on a real socket, with a few methods of the table behind it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from manager.core.consent import ConsentMode
from manager.ipc.dispatcher import Dispatcher
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.handlers.hello import HelloHandlers
from manager.ipc.session import Session
from manager.ipc.socket_server import SocketServer
from manager.system.peer_identity.linux import peer_credentials
from manager.system.randomness import SystemRandomness

HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "hello",
    "params": {"protocol": 1, "connector": {"name": "test"}},
}


def frame(method: str, number: int = 1, /, **params: Any) -> bytes:
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(request).encode() + b"\n"


def hello_frame() -> bytes:
    return json.dumps(HELLO).encode() + b"\n"


@dataclass
class Peer:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self) -> Any:
        async with asyncio.timeout(10):
            return json.loads(await self.reader.readuntil(b"\n"))

    async def kind(self) -> str:
        answer = await self.answer()
        kind: str = answer["error"]["data"]["kind"]
        return kind

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True

    async def close(self) -> None:
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@dataclass
class Bench:
    """What a test gets: the server, and ways to connect to it."""

    path: str
    server: SocketServer
    release: asyncio.Event = field(default_factory=asyncio.Event)
    peers: list[Peer] = field(default_factory=list)

    async def connect(self, *, greet: bool = True) -> Peer:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=1 << 22)
        peer = Peer(reader, writer)
        self.peers.append(peer)
        if greet:
            peer.send(hello_frame())
            assert (await peer.answer())["result"]["protocol"] == 1
        return peer


Opened = Callable[..., Awaitable[Bench]]


@asynccontextmanager
async def bench_at(path: Path, *, uid: int | None = None) -> AsyncIterator[Bench]:
    listening = socket.socket(socket.AF_UNIX)
    listening.setblocking(False)
    listening.bind(str(path))
    listening.listen(1024)
    gatekeeper = Gatekeeper(ConsentMode.ALLOW)
    release = asyncio.Event()

    async def slow(session: Session, params: Any) -> dict[str, Any]:
        await release.wait()
        return {"account": "x"}

    def big(session: Session, params: Any) -> dict[str, Any]:
        return {"pad": "x" * 100_000}

    async def ready() -> None:
        return None

    async with asyncio.TaskGroup() as tasks:
        handlers = {
            **HelloHandlers(gatekeeper).table(),
            "accounts.get": slow,
            "accounts.list": big,
            "token.get": lambda session, params: {"access_token": "t"},
            "agent.stop": lambda session, params: 1 / 0,
        }
        server = SocketServer(
            Dispatcher(handlers, control=True, ready=lambda: True, make_ready=ready),
            tasks,
            control=True,
            uid=os.getuid() if uid is None else uid,
            peer_credentials=peer_credentials,
            randomness=SystemRandomness(),
        )
        server.listen(listening)
        bench = Bench(str(path), server, release)
        try:
            yield bench
        finally:
            release.set()
            for peer in bench.peers:
                await peer.close()
            server.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_at(tmp_path / "s") as opened:
        yield opened
