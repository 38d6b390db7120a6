"""One accepted socket as a transport that reads at once and writes at once.

Why not the loop's own: it puts a task, a future and three turns of the loop between accepting a
connection and the first byte, which a program that asks once a connection pays every time.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

from .limits import READ_AT_ONCE

_log = logging.getLogger(__name__)


class SocketTransport(asyncio.Transport):
    """`begin` introduces the protocol and reads what the peer has sent already."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, accepted: socket.socket, protocol: asyncio.Protocol
    ) -> None:
        super().__init__()
        self._loop = loop
        self._socket = accepted
        # By number: for each socket that a selector does not know yet it makes an error with the
        # socket's repr in it, which costs four system calls.
        self._number = accepted.fileno()
        self._protocol = protocol
        self._unsent = bytearray()
        self._watching = False
        self._reading = True
        self._closing = False
        self._closed = False

    def begin(self) -> None:
        self._protocol.connection_made(self)
        if not self._closing:
            self._read()
        if self._reading and not self._closing:
            self._watch()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._socket if name == "socket" else default

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False
        self._unwatch()

    def resume_reading(self) -> None:
        if not self._reading and not self._closing:
            self._reading = True
            self._watch()

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing:
            return
        if not self._unsent:
            try:
                data = data[self._socket.send(data) :]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as broken:
                self._end_soon(broken)
                return
            if not data:
                return
            self._loop.add_writer(self._number, self._write_more)
        self._unsent += data

    def close(self) -> None:
        """Read no more; what is written is still sent."""
        if self._closing:
            return
        self._closing = True
        self._unwatch()
        if not self._unsent:
            self._end_soon(None)

    def abort(self) -> None:
        self._end_soon(None)

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as broken:
            self._end(broken)
            return
        try:
            if data:
                self._protocol.data_received(data)
            elif self._protocol.eof_received():
                self.pause_reading()  # until the protocol has answered: the end stays readable
            elif self._unsent:
                self.close()
            else:
                self._end(None)
        except Exception as failure:  # noqa: BLE001  # one connection must not end the agent
            # The type alone: a message or a traceback may hold what the peer sent.
            _log.error("a connection failed: %s", type(failure).__name__)
            self._end_soon(None)

    def _write_more(self) -> None:
        try:
            del self._unsent[: self._socket.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as broken:
            self._end(broken)
            return
        if not self._unsent:
            self._loop.remove_writer(self._number)
            if self._closing:
                self._end(None)

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            self._loop.add_reader(self._number, self._read)

    def _unwatch(self) -> None:
        if self._watching:
            self._watching = False
            self._loop.remove_reader(self._number)

    def _end_soon(self, broken: OSError | None) -> None:
        """Not at once: the protocol that asks for it is in the middle of something."""
        self._closing = True
        self._unwatch()
        if self._unsent:
            self._unsent.clear()
            self._loop.remove_writer(self._number)
        self._loop.call_soon(self._end, broken)

    def _end(self, broken: OSError | None) -> None:
        if self._closed:
            return
        self._closed = self._closing = True
        self._unwatch()
        if self._unsent:
            self._unsent.clear()
            self._loop.remove_writer(self._number)
        try:
            self._protocol.connection_lost(broken)
        finally:
            self._socket.close()
