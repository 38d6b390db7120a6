"""One listening socket, its connections, and who may connect."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import Callable

from manager.core.errors import AccountManagerError, InvalidRequest, ShuttingDown, TooMany
from manager.core.ports import Randomness

from .connection import Connection
from .dispatcher import Dispatcher
from .limits import CONNECTIONS_A_PROCESS, CONNECTIONS_A_TURN
from .session import Session
from .socket_transport import SocketTransport

PeerCredentials = Callable[[socket.socket], tuple[int | None, int]]
"""The peer's process and user, as the kernel says. Raises OSError."""
_EXHAUSTED = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_UNTIL_ROOM = 1.0
"""Seconds without accepting when this process has no descriptor or memory left."""


class SocketServer:
    """Admits the same user only; counts connections a process, so that one cannot starve others."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        tasks: asyncio.TaskGroup,
        *,
        control: bool,
        uid: int,
        peer_credentials: PeerCredentials,
        randomness: Randomness,
    ) -> None:
        self.dispatcher = dispatcher
        self.tasks = tasks
        self._control = control
        self._uid = uid
        self._peer_credentials = peer_credentials
        self._randomness = randomness
        self._connections: set[Connection] = set()
        self._by_process: Counter[int | None] = Counter()
        self._listening: socket.socket | None = None

    def listen(self, listening: socket.socket) -> None:
        """Serve an already bound socket (bound with the umask that keeps others out)."""
        listening.settimeout(0)
        listening.listen(1024)
        self._listening = listening
        asyncio.get_running_loop().add_reader(listening, self._accept, listening)

    @property
    def connections(self) -> int:
        return len(self._connections)

    def sessions(self) -> list[Session]:
        return [connection.session for connection in self._connections]

    def admit(
        self, connection: Connection, transport: asyncio.Transport
    ) -> Session | AccountManagerError:
        """A session for the peer, or why not."""
        try:
            pid, uid = self._peer_credentials(transport.get_extra_info("socket"))
        except OSError:
            return InvalidRequest("The system does not say who is calling.")
        if uid != self._uid:
            return InvalidRequest("This agent belongs to another user.")
        if self._by_process[pid] >= CONNECTIONS_A_PROCESS:
            return TooMany("This program has too many connections open.")
        self._by_process[pid] += 1
        self._connections.add(connection)
        return Session(
            id=self._randomness.token(16),
            control=self._control,
            pid=pid,
            uid=uid,
            notify=connection.notify,
        )

    def forget(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            pid = connection.session.pid
            self._by_process[pid] -= 1
            if not self._by_process[pid]:
                del self._by_process[pid]

    def close(self) -> None:
        """Take no more connections, and tell those that stand."""
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        for connection in tuple(self._connections):
            connection.refuse_more(ShuttingDown("Account Manager is stopping."))

    def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS_A_TURN):
            try:
                accepted, _address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as failure:
                if failure.errno not in _EXHAUSTED:
                    raise
                loop.remove_reader(listening)
                loop.call_later(_UNTIL_ROOM, self._accept_again, listening)
                return
            accepted.settimeout(0)
            connection = Connection(self, loop)
            SocketTransport(loop, accepted, connection).begin()
            connection.expect_hello()

    def _accept_again(self, listening: socket.socket) -> None:
        if self._listening is listening:
            asyncio.get_running_loop().add_reader(listening, self._accept, listening)
