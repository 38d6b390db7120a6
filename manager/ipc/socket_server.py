"""One listening socket, its connections, and who may connect."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

from manager.core.errors import AccountManagerError, InvalidRequest, ShuttingDown, TooMany
from manager.core.ports import Randomness

from .connection import Connection
from .dispatcher import Dispatcher
from .limits import CONNECTIONS_A_PROCESS, READ_AT_ONCE
from .session import Session

PeerCredentials = Callable[[socket.socket], tuple[int | None, int]]
"""The peer's process and user, as the kernel says. Raises OSError."""


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
        self.reading = memoryview(bytearray(READ_AT_ONCE))
        self._control = control
        self._uid = uid
        self._peer_credentials = peer_credentials
        self._randomness = randomness
        self._connections: set[Connection] = set()
        self._by_process: Counter[int | None] = Counter()
        self._server: asyncio.Server | None = None

    async def listen(self, listening: socket.socket) -> None:
        """Serve an already bound socket (bound with the umask that keeps others out)."""
        self._server = await asyncio.get_running_loop().create_unix_server(
            lambda: Connection(self), sock=listening, backlog=1024
        )

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
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.refuse_more(ShuttingDown("Account Manager is stopping."))
