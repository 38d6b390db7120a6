"""A small real server on a real Unix socket, which speaks the protocol by the message table.

What it answers is a function of the request, so that a test says in one place what an agent does.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.client.protocol.messages import ACCOUNT, KINDS, TOKEN

Answer = Callable[["Peer", dict], None]
HELLO = {"protocol": 1, "agent": {"version": "1"}, "session": "s", "consent": "allow"}
_SAMPLES = {"str": "text", "int": 1, "float": 1.0, "bool": True, "strs": ["a"], "objects": []}


def sample(fields: dict[str, str], **named: object) -> dict[str, object]:
    """A result with every field of the table in it."""
    made = {name: _SAMPLES.get(kind.rstrip("?"), {}) for name, kind in fields.items()}
    return {**made, **named}


def account(number: int = 1, **named: object) -> dict[str, object]:
    return sample(
        ACCOUNT,
        **{
            "id": f"account-{number}",
            "server": {"url": "https://id.example", "name": "Example"},
            "identity": f"person{number}@id.example",
            "state": "signed_in",
            "reason": None,
            **named,
        },
    )


def token(**named: object) -> dict[str, object]:
    return sample(TOKEN, **{"access_token": "canary-1", "token_type": "Bearer", **named})


class Peer:
    """One connection as the server sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, message: dict[str, object]) -> None:
        self.raw(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def raw(self, data: bytes) -> None:
        self.connection.sendall(data)

    def result(self, request: dict, result: dict[str, object]) -> None:
        self.send({"id": request["id"], "result": result})

    def error(self, request: dict, kind: str, **data: object) -> None:
        self.send(
            {
                "id": request.get("id"),
                "error": {
                    "code": KINDS.get(kind, -32000),
                    "message": "A sentence.",
                    "data": {"kind": kind, "hint": "Do this.", **data},
                },
            }
        )

    def event(self, topic: str, **params: object) -> None:
        self.send({"method": "event", "params": {"topic": topic, **params}})

    def drop(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)


class Server:
    """Serves until closed. `answer` gets each request but `hello`, which `greet` answers."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self.path = str(path)
        self.answer = answer
        self.greet: Answer = lambda peer, request: peer.result(request, HELLO)
        self.requests: list[dict] = []
        self.peers: list[Peer] = []
        self.first_reads: list[bytes] = []
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self.start()

    def start(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(128)
        self._run(self._accept, self._listener)

    def stop(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            os.unlink(self.path)
        for peer in self.peers:
            with contextlib.suppress(OSError):
                peer.drop()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        for peer in self.peers:
            peer.connection.close()
        self.peers.clear()
        self._threads.clear()

    def methods(self) -> list[str]:
        return [request["method"] for request in self.requests]

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            peer = Peer(connection)
            self.peers.append(peer)
            self._run(self._serve, peer)

    def _serve(self, peer: Peer) -> None:
        rest = b""
        first = True
        while True:
            try:
                data = peer.connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            if first:
                self.first_reads.append(data)
                first = False
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                request = json.loads(line)
                self.requests.append(request)
                try:
                    (self.greet if request["method"] == "hello" else self.answer)(peer, request)
                except OSError:
                    return


def by_table(peer: Peer, request: dict) -> None:
    """An agent with two accounts where everything works."""
    method = request["method"]
    if method == "token.get":
        peer.result(request, token())
    elif method == "accounts.list":
        peer.result(request, {"accounts": [account(1), account(2)]})
    elif method == "accounts.get":
        peer.result(request, account(1))
    elif method == "events.subscribe":
        peer.result(request, {"topics": request["params"]["topics"]})
    else:
        peer.error(request, "unknown_method")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A private home of the program, short enough for socket paths."""
    with tempfile.TemporaryDirectory(prefix="am-") as folder:
        run = Path(folder) / "run"
        run.mkdir(mode=0o700)
        monkeypatch.setenv("ACCOUNT_MANAGER_HOME", folder)
        monkeypatch.delenv("ACCOUNT_MANAGER_SOCKET", raising=False)
        yield Path(folder)


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[..., Server]]:
    """Start a server at the connectors' socket (or another of the same folder)."""
    servers: list[Server] = []

    def start(answer: Answer = by_table, name: str = "agent.sock") -> Server:
        servers.append(Server(home / "run" / name, answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def wire() -> object:
    """Samples of what crosses the socket."""
    return types.SimpleNamespace(account=account, token=token, hello=HELLO, sample=sample)
