"""One connection to a running agent, as any program would open it, byte for byte."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE = 30.0


class Refused(Exception):
    """The agent answered with an error; `kind` is its stable name."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["data"]["kind"], error["message"])
        self.kind: str = error["data"]["kind"]
        self.message: str = error["message"]
        self.hint: str = error["data"]["hint"]
        self.retry_after: float | None = error["data"].get("retry_after")


def frame(method: str, number: int | str = 1, /, **params: Any) -> bytes:
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(request).encode() + b"\n"


def hello(name: str = "hardship") -> bytes:
    return frame("hello", 0, protocol=1, connector={"name": name})


class Wire:
    """`greet`: say hello first."""

    def __init__(self, path: Path | str, *, greet: bool = True) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.received = bytearray()
        try:
            self.socket.connect(str(path))
            if greet:
                self.send(hello())
                assert "result" in self.answer()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """The next whole line; b"" when the agent has closed the connection."""
        while b"\n" not in self.received:
            try:
                data = self.socket.recv(1 << 16)
            except ConnectionResetError:
                data = b""
            if not data:
                return b""
            self.received += data
        line, _, rest = bytes(self.received).partition(b"\n")
        self.received = bytearray(rest)
        return line

    def answer(self) -> Any:
        return json.loads(self.line())

    def kind(self) -> str:
        """The kind of the error that comes next; "result" for a result, "closed" for an end."""
        line = self.line()
        if not line:
            return "closed"
        answer = json.loads(line)
        return answer["error"]["data"]["kind"] if "error" in answer else "result"

    def ended(self) -> bool:
        """Whether the agent closes the connection without another word."""
        return self.line() == b""

    def call(self, method: str, /, **params: Any) -> Any:
        """The result. Raises Refused, ConnectionError."""
        self.send(frame(method, 1, **params))
        line = self.line()
        if not line:
            raise ConnectionError("the agent closed the connection")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]
