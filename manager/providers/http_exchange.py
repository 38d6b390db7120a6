"""Watches one request on its way: has it begun to be written, and who was really reached?"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from .server_url import ServerUrl, is_forbidden


class ForbiddenPeer(Exception):
    """A name led to an address that is not asked."""


class HttpExchange:
    """`trace` is httpcore's `trace` extension; `url` follows redirects."""

    def __init__(self, url: ServerUrl) -> None:
        self.url = url
        self.sent = False
        self.reaching = url.host
        """Whom a connection is made to: the server, or the proxy that leads to it."""
        self._streams: list[Any] = []

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Raises ForbiddenPeer, before a byte is written."""
        if event.endswith(".send_request_headers.started"):
            # The CONNECT to a proxy is no request of ours yet.
            self.sent = self.sent or info["request"].method != b"CONNECT"
        elif event.endswith(".connect_tcp.started"):
            self.reaching = str(info["host"])
        elif event.endswith(".connect_tcp.complete"):
            stream = info["return_value"]
            self._streams.append(stream)
            if not self._is_allowed(stream.get_extra_info("server_addr")):
                raise ForbiddenPeer

    async def close(self) -> None:
        """Close what was opened: httpcore leaves the socket open when it is cancelled in the
        middle of a TLS handshake, and a mute server keeps us there until the deadline."""
        for stream in self._streams:
            await stream.aclose()

    def _is_allowed(self, peer: object) -> bool:
        """A name may lead anywhere (DNS rebinding), so the address that was reached decides."""
        if not isinstance(peer, tuple) or not peer:
            return False
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        if self.url.loopback:
            return address.is_loopback
        return not is_forbidden(address)
