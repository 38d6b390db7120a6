"""The loopback port that the browser comes back to (RFC 8252 sections 7.3 and 8.3)."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from manager.core.errors import AccountManagerError, InvalidRequest, RedirectUnavailable
from manager.core.ports import LoopbackListener
from manager.core.provider import LoopbackRedirect

from .landing_page import HEADERS, failed_page, signed_in_page
from .loopback_request import LARGEST, CallbackGate, Refused
from .port_holder import port_holder

_log = logging.getLogger(__name__)

_READING = 10.0
"""Seconds that a browser has for its request."""
_CONNECTIONS = 16
_TRIES = 16
"""How often a free port is looked for that is free on both loopback addresses."""
_ABSENT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_NOT_DONE = (
    "Account Manager could not finish the sign-in with this answer.",
    "Go back to Account Manager: it says why. You can start the sign-in again there.",
)
Callback = Callable[[str], Awaitable[bool]]


class SystemLoopbackListeners:
    """The port `LoopbackListeners` on real sockets."""

    async def open(self, redirect: LoopbackRedirect, on_callback: Callback) -> LoopbackListener:
        """Raises RedirectUnavailable when a port is taken, InvalidRequest for a URI that is not
        `http` on a loopback address.

        `on_callback` may raise AccountManagerError: the page then shows its sentence and hint.
        """
        sockets = _bound(redirect)
        port = sockets[0].getsockname()[1]
        listener = _Listener(redirect.uri.replace("{port}", str(port)), on_callback)
        try:
            await listener.start(sockets)
        except OSError:
            await listener.close()
            raise _taken(port) from None
        return listener


class _Listener:
    def __init__(self, redirect_uri: str, on_callback: Callback) -> None:
        self._gate = CallbackGate(redirect_uri)
        self._on_callback = on_callback
        self._servers: list[asyncio.Server] = []
        self._connections = 0
        self._reading: set[asyncio.StreamWriter] = set()

    @property
    def redirect_uri(self) -> str:
        return self._gate.redirect_uri

    async def start(self, sockets: list[socket.socket]) -> None:
        for number, bound in enumerate(sockets):
            try:
                server = await asyncio.start_server(self._serve, sock=bound, limit=LARGEST)
            except OSError:
                for rest in sockets[number:]:
                    rest.close()
                raise
            self._servers.append(server)

    async def close(self) -> None:
        """Give the port back. May be called from within `on_callback`: a page that is still owed
        to the browser is sent, connections without a request end."""
        for server in self._servers:
            server.close()
        for writer in list(self._reading):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._connections >= _CONNECTIONS:
            writer.transport.abort()
            return
        self._connections += 1
        try:
            request = await self._request(reader, writer)
            if request is not None:
                status, page = await self._answer(request)
                await _send(writer, status, page)
        except (OSError, TimeoutError):
            writer.transport.abort()
        finally:
            self._connections -= 1
            writer.close()

    async def _request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        self._reading.add(writer)
        try:
            async with asyncio.timeout(_READING):
                return await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await _send(writer, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, b"")
        except asyncio.IncompleteReadError:
            pass
        finally:
            self._reading.discard(writer)
        return None

    async def _answer(self, request: bytes) -> tuple[HTTPStatus, bytes]:
        try:
            uri = self._gate.callback(request)
        except Refused as refused:
            return refused.status, b""
        try:
            signed_in = await self._on_callback(uri)
        except AccountManagerError as error:
            return HTTPStatus.OK, failed_page(error.message, error.hint)
        except Exception as error:  # noqa: BLE001  # the browser waits for a page, come what may
            # The error's own text may quote the address, which holds the code.
            _log.error("A loopback callback failed: %s", type(error).__name__)
            return HTTPStatus.INTERNAL_SERVER_ERROR, failed_page(*_NOT_DONE)
        page = signed_in_page() if signed_in else failed_page(*_NOT_DONE)
        return HTTPStatus.OK, page


async def _send(writer: asyncio.StreamWriter, status: HTTPStatus, page: bytes) -> None:
    headers = {**HEADERS, "Content-Length": str(len(page)), "Connection": "close"}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode("ascii") + page)
    async with asyncio.timeout(_READING):
        await writer.drain()


def _bound(redirect: LoopbackRedirect) -> list[socket.socket]:
    parts = urlsplit(redirect.uri.replace("{port}", str(redirect.port)))
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise InvalidRequest("A loopback redirect must be http on a loopback address.")
    if parts.query or parts.fragment:
        raise InvalidRequest("A loopback redirect must have neither query nor fragment.")
    both = redirect.dual_stack or parts.hostname == "localhost"
    family = socket.AF_INET6 if parts.hostname == "::1" else socket.AF_INET
    for port in _candidates(redirect, both=both):
        bound = _bind_both(port) if both else _bind_one(family, port)
        if bound:
            return bound
    raise _taken(redirect.port, redirect.last_port)


def _candidates(redirect: LoopbackRedirect, *, both: bool) -> Iterable[int]:
    if not redirect.port:
        return [0] * (_TRIES if both else 1)
    return range(redirect.port, (redirect.last_port or redirect.port) + 1)


def _bind_one(family: socket.AddressFamily, port: int) -> list[socket.socket]:
    try:
        return [_bind(family, port)]
    except OSError:
        return []


def _bind_both(port: int) -> list[socket.socket]:
    """127.0.0.1 and ::1 on one port, or nothing: whoever held the other would get the code."""
    try:
        first = _bind(socket.AF_INET, port)
    except OSError:
        return []
    try:
        return [first, _bind(socket.AF_INET6, first.getsockname()[1])]
    except OSError as error:
        if error.errno in _ABSENT:
            return [first]  # no IPv6 on this machine: nobody can listen there
        first.close()
        return []


def _bind(family: socket.AddressFamily, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Unlike SO_REUSEPORT it never lets two listen (socket(7)); without it, a fixed port
            # would be "taken" for a minute after each sign-in by closed connections (TIME_WAIT).
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
        # Two bound sockets may still share the address on Linux; only one may listen.
        bound.listen(_CONNECTIONS)
    except OSError:
        bound.close()
        raise
    return bound


def _taken(port: int, last: int | None = None) -> RedirectUnavailable:
    if not port:
        return RedirectUnavailable("No free port could be opened on this machine's own address.")
    if last is not None and last != port:
        return RedirectUnavailable(
            f"Every port from {port} to {last}, one of which the browser must come back to, is"
            " taken."
        )
    holder = port_holder(port)
    by = f" by {holder}" if holder else " by another program"
    return RedirectUnavailable(f"Port {port}, which the browser must come back to, is taken{by}.")
