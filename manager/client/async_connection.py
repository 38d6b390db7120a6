"""One asyncio connection to the agent: many requests in flight, told apart by id."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from .connection import Dropped, event_params
from .errors import AccountManagerError, ProtocolError
from .exchange import PROTOCOL_VERSION, decoded, encoded, outcome
from .peer import check_peer, check_place
from .protocol.framing import LineSplitter, LineTooLong

_HELLO = 1
_QUEUE_FULL = 0.01


class AsyncConnection:
    """Make it with `open`. A caller that is cancelled leaves it usable: its late reply is dropped.

    Events wait in `events` (None: the connection ended) until somebody reads them; while 1,000
    wait nothing more is read from the agent.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        connector: dict[str, str],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._connector = connector
        self._greeted = False
        self._number = _HELLO
        self._waiting: dict[int, asyncio.Future[dict[str, object]]] = {}
        self._refusal: AccountManagerError | None = None
        self.ended = False
        self.events: asyncio.Queue[dict[str, object] | None] = asyncio.Queue(1000)
        # Not a TaskGroup: it exists from Python 3.11 on only. The connection holds its one task,
        # `close` cancels it, and it ends by itself with the connection.
        self._receiving = asyncio.get_running_loop().create_task(self._receive())

    @classmethod
    async def open(cls, path: str, connector: dict[str, str]) -> AsyncConnection:
        """Raises UntrustedSocket, FileNotFoundError or ConnectionRefusedError."""
        check_place(path)
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            peer.settimeout(0)
            # A Unix socket connects at once or not at all: EAGAIN says that the agent's queue is
            # full. asyncio's own connect takes that for "under way" and would go on unconnected.
            while True:
                try:
                    peer.connect(path)
                    break
                except BlockingIOError:
                    await asyncio.sleep(_QUEUE_FULL)
            check_peer(peer)
            reader, writer = await asyncio.open_unix_connection(sock=peer)
        except BaseException:
            peer.close()
            raise
        return cls(reader, writer, connector)

    async def request(self, method: str, params: dict[str, object]) -> dict[str, object]:
        """The result of one call. Raises Dropped and what the agent answered."""
        if self.ended:
            raise self._refusal or Dropped(sent=False)
        self._number += 1
        number = self._number
        line = encoded(number, method, params)
        if not self._greeted:
            self._greeted = True
            greeting = {"protocol": PROTOCOL_VERSION, "connector": self._connector}
            line = encoded(_HELLO, "hello", greeting) + line
        reply: asyncio.Future[dict[str, object]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        try:
            self._writer.write(line)
            return outcome(await reply)
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """End it; calls that are under way on it raise Dropped."""
        self._receiving.cancel()
        await asyncio.wait([self._receiving])
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _receive(self) -> None:
        splitter = LineSplitter()
        try:
            while True:
                data = await self._reader.read(65536)
                if not data:
                    break
                for line in splitter.feed(data):
                    await self._take(decoded(line))
        except LineTooLong:
            self._refusal = ProtocolError("The agent's answer is longer than a line may be.")
        except AccountManagerError as error:
            self._refusal = error
        except OSError:
            pass
        finally:
            self.ended = True
            self._writer.close()
            self._fail()
            self._end_events()

    async def _take(self, message: dict[str, object]) -> None:
        number = message.get("id")
        if number == _HELLO or (number is None and "error" in message):
            outcome(message)  # a refused `hello`, or a line it could not read, ends the connection
        elif isinstance(number, int):
            reply = self._waiting.get(number)
            if reply is not None and not reply.done():
                reply.set_result(message)
        else:
            params = event_params(message)
            if params is not None:
                await self.events.put(params)

    def _end_events(self) -> None:
        if self.events.full():
            self.events.get_nowait()
        self.events.put_nowait(None)

    def _fail(self) -> None:
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(self._refusal or Dropped(sent=True))
