"""One blocking connection to the agent, used by one thread at a time."""

from __future__ import annotations

import socket
import time

from .errors import ProtocolError
from .exchange import PROTOCOL_VERSION, decoded, encoded, out_of_time, outcome
from .peer import check_peer, check_place
from .protocol.framing import LineSplitter, LineTooLong

_HELLO = 1


class Dropped(Exception):
    """The connection broke. `sent`: the agent may have received the request whole."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__()
        self.sent = sent


class Connection:
    """Checks the peer when opened; says `hello` in the same write as the first request.

    Opening raises UntrustedSocket, FileNotFoundError or ConnectionRefusedError.
    """

    __slots__ = ("_connector", "_lines", "_number", "_splitter", "hello", "peer")

    def __init__(self, path: str, connector: dict[str, str]) -> None:
        check_place(path)
        self.peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.peer.connect(path)
            check_peer(self.peer)
        except BaseException:
            self.peer.close()
            raise
        self._connector = connector
        self._number = _HELLO
        self._splitter = LineSplitter()
        self._lines: list[bytes] = []
        self.hello: dict[str, object] | None = None

    def close(self) -> None:
        self.peer.close()

    def alive(self) -> bool:
        """Whether a kept connection still has its peer (it may yet break after this look)."""
        self.peer.settimeout(0)
        try:
            return self.peer.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def request(
        self, method: str, params: dict[str, object], timeout: float | None
    ) -> dict[str, object]:
        """The result of one call. `timeout` in seconds. Raises Dropped, TimedOut (the connection
        must be closed after both) and what the agent answered."""
        deadline = None if timeout is None else time.monotonic() + timeout
        number = self._send(method, params, deadline)
        if self.hello is None:
            self.hello = outcome(self._reply(_HELLO, method, deadline))
        return outcome(self._reply(number, method, deadline))

    def subscribe(self, topics: list[str], timeout: float) -> None:
        """Turn this connection into one of events; read them with `notification`."""
        self.request("events.subscribe", {"topics": topics}, timeout)

    def notification(self) -> dict[str, object]:
        """The parameters of the next event; waits for ever. Raises Dropped."""
        while True:
            params = event_params(decoded(self._line("events", None)))
            if params is not None:
                return params

    def _send(self, method: str, params: dict[str, object], deadline: float | None) -> int:
        self._number += 1
        line = encoded(self._number, method, params)
        if self.hello is None:
            greeting = {"protocol": PROTOCOL_VERSION, "connector": self._connector}
            line = encoded(_HELLO, "hello", greeting) + line
        self._wait_until(deadline, method)
        try:
            self.peer.sendall(line)
        except socket.timeout:  # TimeoutError itself only from Python 3.10 on
            raise out_of_time(method) from None
        except OSError:
            self._last_words()
            raise Dropped(sent=False) from None
        return self._number

    def _last_words(self) -> None:
        """Raise the error that the agent left before it closed (too many connections, say)."""
        self.peer.settimeout(0)
        try:
            lines = self._splitter.feed(self.peer.recv(65536))
        except (OSError, LineTooLong):
            return
        for line in lines:
            message = decoded(line)
            if message.get("id") is None and "error" in message:
                outcome(message)

    def _reply(self, number: int, method: str, deadline: float | None) -> dict[str, object]:
        while True:
            message = decoded(self._line(method, deadline))
            if message.get("id") == number:
                return message
            if message.get("id") is None and "error" in message:
                outcome(message)  # the agent could not even read who asked, and closes

    def _line(self, method: str, deadline: float | None) -> bytes:
        while not self._lines:
            self._wait_until(deadline, method)
            try:
                data = self.peer.recv(65536)
            except socket.timeout:  # TimeoutError itself only from Python 3.10 on
                raise out_of_time(method) from None
            except OSError:
                raise Dropped(sent=True) from None
            if not data:
                raise Dropped(sent=True)
            try:
                self._lines.extend(self._splitter.feed(data))
            except LineTooLong:
                raise ProtocolError("The agent's answer is longer than a line may be.") from None
        return self._lines.pop(0)

    def _wait_until(self, deadline: float | None, method: str) -> None:
        if deadline is None:
            self.peer.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise out_of_time(method)
        self.peer.settimeout(left)


def event_params(message: dict[str, object]) -> dict[str, object] | None:
    """The parameters of an event notification, None for any other message."""
    params = message.get("params")
    if message.get("method") != "event" or not isinstance(params, dict):
        return None
    return params if isinstance(params.get("topic"), str) else None
