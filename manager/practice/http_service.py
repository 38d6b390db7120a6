"""HTTP/1.1 on 127.0.0.1 in a thread of its own: keep-alive, many connections, a prompt stop.

An event loop rather than a thread a connection, because hanging, dripping and delayed replies are
what it is for: hundreds of them cost nothing and all end when the service stops.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import responses

from .http_message import Delivery, HttpReply, HttpRequest

_LARGEST_HEAD = 64 * 1024
_LARGEST_BODY = 1024 * 1024


class BadRequest(Exception):
    """What came is not a request this service reads; `status` is the reply's."""

    def __init__(self, status: int) -> None:
        super().__init__(responses[status])
        self.status = status


class HttpService:
    """Serves `answer(request)`, which runs on the service's one thread and must not block.

    Because all requests are answered on one thread, a handler is atomic: no other request is
    looked at before it returns.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpReply]) -> None:
        self._answer = answer
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self.failures: list[Exception] = []
        self.port = 0

    def start(self, port: int = 0) -> None:
        """Listen on `port` (0: an ephemeral one, then in `self.port`). Raises OSError."""
        self._ready.clear()
        self._thread = threading.Thread(
            target=self._run, args=(port,), name="practice-http", daemon=True
        )
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Close every connection, finished or not, and end the thread.

        Raises what handlers raised while the service ran: their clients saw a 500.
        """
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = None
        if self.failures:
            raise ExceptionGroup("a practice server's handlers failed", self.failures)

    def _run(self, port: int) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(port))

    async def _serve(self, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            listener = socket.create_server(("127.0.0.1", port), backlog=512)
        except OSError as failure:
            self._failure = failure
            self._ready.set()
            return
        listener.settimeout(0)
        self.port = listener.getsockname()[1]
        async with asyncio.TaskGroup() as group:
            # Accepted by hand: asyncio's own server leaves a socket open that came as it stopped.
            self._loop.add_reader(listener, self._accept, listener, group)
            self._ready.set()
            await self._stopping.wait()
            self._loop.remove_reader(listener)
            listener.close()
            for task in self._connections:
                task.cancel()

    def _accept(self, listener: socket.socket, group: asyncio.TaskGroup) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # whoever knocked has gone again
        connection.settimeout(0)
        # asyncio does this for sockets of its own making only; without it a kept connection waits
        # 40 ms for each answer.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = group.create_task(self._converse(connection))
        self._connections.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._connections.discard(task)
            connection.close()

        task.add_done_callback(ended)

    async def _converse(self, connection: socket.socket) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=connection, limit=_LARGEST_HEAD)
        except (OSError, asyncio.CancelledError):
            return
        try:
            while await self._exchange(reader, writer):
                pass
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side went, or the service stops: nobody is left to tell
        finally:
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; whether the connection may carry another."""
        try:
            request, version = await _read_request(reader, writer)
        except BadRequest as bad:
            writer.write(_head(HttpReply(bad.status), 0, keep=False))
            await writer.drain()
            return False
        try:
            reply = self._answer(request)
        except Exception as failure:  # noqa: BLE001  # told in `stop`, where somebody reads it
            self.failures.append(failure)
            reply = HttpReply(500)
        if reply.delay > 0:
            await asyncio.sleep(reply.delay)
        if reply.delivery is Delivery.HANG:
            await reader.read()  # until the other side gives up, or the service stops
            return False
        if reply.delivery is Delivery.CUT:
            return False
        wish = request.headers.get("connection", "").lower()
        keep = wish == "keep-alive" if version == "HTTP/1.0" else wish != "close"
        await _send(writer, request, reply, keep=keep)
        return keep


async def _read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[HttpRequest, str]:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise BadRequest(431) from None
    first, *lines = head[:-4].split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest(400)
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(400)
        headers[name.lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise BadRequest(411)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise BadRequest(400)
    if int(length) > _LARGEST_BODY:
        raise BadRequest(413)
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await reader.readexactly(int(length))
    return HttpRequest(words[0], words[1], headers, body), words[2]


async def _send(
    writer: asyncio.StreamWriter, request: HttpRequest, reply: HttpReply, *, keep: bool
) -> None:
    body = b"" if request.method == "HEAD" else reply.body
    writer.write(_head(reply, len(reply.body), keep=keep))
    if reply.delivery is Delivery.DRIP:
        for place in range(len(body)):
            writer.write(body[place : place + 1])
            await writer.drain()
            await asyncio.sleep(reply.drip)
    else:
        writer.write(body)
    await writer.drain()


def _head(reply: HttpReply, length: int, *, keep: bool) -> bytes:
    phrase = responses.get(reply.status, "Unknown")
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if reply.status != 204:
        lines.append(f"Content-Length: {length}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
