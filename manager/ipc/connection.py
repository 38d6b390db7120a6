"""One connection: bytes to lines, lines to answers, and the limits that protect everybody else.

A raw Protocol without a task of its own: a request that memory can answer costs no task and one
write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, cast

from manager.core.errors import AccountManagerError, TooLarge, TooMany

from .dispatcher import Dispatcher
from .limits import (
    HELLO_WITHIN,
    LINE,
    LINE_BEFORE_HELLO,
    PARTIAL_LINE_WITHIN,
    REQUESTS_A_TURN,
    REQUESTS_IN_FLIGHT,
    UNREAD_REPLIES,
)
from .message_types import ErrorReply, Notification, encoder
from .session import Session
from .wire_errors import plain_error, wire_error


class Host(Protocol):
    """What a connection needs of the server that accepted it."""

    dispatcher: Dispatcher
    tasks: asyncio.TaskGroup

    def admit(
        self, connection: Connection, transport: asyncio.Transport
    ) -> Session | AccountManagerError:
        """A session for the peer, or why not."""

    def forget(self, connection: Connection) -> None:
        """The connection is over."""


class Connection(asyncio.Protocol):
    __slots__ = (
        "_buffer",
        "_closing",
        "_deadline",
        "_in_flight",
        "_loop",
        "_scanned",
        "_server",
        "_transport",
        "_turn_waits",
        "session",
    )

    def __init__(self, server: Host, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._buffer = bytearray()
        self._scanned = 0
        self._in_flight = 0
        self._closing = False
        self._turn_waits = False
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self.session: Session

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        admitted = self._server.admit(self, self._transport)
        if isinstance(admitted, AccountManagerError):
            self._refuse(admitted)
            return
        self.session = admitted

    def expect_hello(self) -> None:
        """From now on: a peer whose hello came with the connection needs no clock."""
        if not self._closing and self.session.connector is None:
            self._set_deadline(HELLO_WITHIN, "hello")

    def connection_lost(self, exc: Exception | None) -> None:  # asyncio's name
        self._closing = True
        self._buffer.clear()
        self._set_deadline(None)
        self._server.forget(self)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._buffer += data
        self._answer_lines()

    def eof_received(self) -> bool:
        # The peer may have closed its writing half only: what it asked for is still answered.
        return self._in_flight > 0 and not self._closing

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Queue a notification; a peer that does not read is dropped, never waited for."""
        if not self._closing:
            self._send(encoder.encode(Notification(method, params)) + b"\n")

    def refuse_more(self, failure: AccountManagerError) -> None:
        """Say why, then close."""
        if not self._closing:
            self._refuse(failure)

    def _answer_lines(self) -> None:
        replies, newest = bytearray(), 0
        for _ in range(REQUESTS_A_TURN):
            line = self._next_line()
            if line is None:
                break
            if line:
                newest = self._answer_line(line, replies)
            if self._closing:
                return
        else:
            if self._buffer:
                self._transport.pause_reading()
                self._turn_waits = True
                self._loop.call_soon(self._take_turn)
        if replies:
            self._send(bytes(replies), newest)

    def _take_turn(self) -> None:
        self._turn_waits = False
        self._go_on()

    def _go_on(self) -> None:
        # Nothing more is read while lines wait: a peer would fill memory as fast as it can send.
        if self._closing or self._turn_waits:
            return
        self._answer_lines()
        if self._in_flight < REQUESTS_IN_FLIGHT and not self._turn_comes():
            self._transport.resume_reading()

    def _turn_comes(self) -> bool:
        """Asked for anew: answering lines may have changed it, which a type checker cannot see."""
        return self._turn_waits

    def _next_line(self) -> bytes | None:
        if self._in_flight >= REQUESTS_IN_FLIGHT:
            self._transport.pause_reading()
            return None
        end = self._buffer.find(b"\n", self._scanned)
        limit = LINE if self.session.connector is not None else LINE_BEFORE_HELLO
        if max(end, len(self._buffer) if end < 0 else 0) > limit:
            self._refuse(TooLarge("This line is longer than the protocol allows."))
            return None
        if end < 0:
            self._scanned = len(self._buffer)
            self._expect_rest()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        if self.session.connector is not None:
            self._set_deadline(None)
        return line

    def _expect_rest(self) -> None:
        """A line that was begun has to end in time; before hello that clock runs already."""
        if self._buffer and self._deadline is None:
            self._set_deadline(PARTIAL_LINE_WITHIN)

    def _answer_line(self, line: bytes, replies: bytearray) -> int:
        """Add the answer to `replies` where it is there at once; its length."""
        unknown_yet = self.session.connector is None
        answer = self._server.dispatcher.answer(self.session, line)
        if isinstance(answer, bytes):
            replies += answer
            if unknown_yet:
                self._after_first(replies)
            return len(answer)
        if answer is not None:
            self._in_flight += 1
            self._server.tasks.create_task(self._answer_later(answer))
        return 0

    def _after_first(self, replies: bytearray) -> None:
        """The first message is hello, or the last one."""
        self._set_deadline(None)
        if self.session.connector is None:
            self._send(bytes(replies))
            self._close()

    async def _answer_later(self, answer: Coroutine[Any, Any, bytes]) -> None:
        try:
            reply = await answer
        finally:
            self._in_flight -= 1
        if not self._closing:
            self._send(reply, len(reply))
            self._go_on()

    def _send(self, data: bytes, newest: int = 0) -> None:
        self._transport.write(data)
        if self._transport.get_write_buffer_size() - newest > UNREAD_REPLIES:
            self._refuse(TooMany("This program does not read its answers."))

    def _refuse(self, failure: AccountManagerError) -> None:
        self._transport.write(encoder.encode(ErrorReply(None, wire_error(failure))) + b"\n")
        self._close()

    def _close(self) -> None:
        self._closing = True
        if self._transport.get_write_buffer_size() > UNREAD_REPLIES:
            self._transport.abort()
        else:
            self._transport.close()

    def _set_deadline(self, seconds: float | None, what: str = "line") -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self._loop.call_later(seconds, self._too_late, what)

    def _too_late(self, what: str) -> None:
        if self._closing:
            return
        sentence = "No hello came in time." if what == "hello" else "The rest of a line never came."
        error = ErrorReply(None, plain_error("timeout", sentence))
        self._transport.write(encoder.encode(error) + b"\n")
        self._close()
