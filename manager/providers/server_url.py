"""Which addresses are asked at all: beyond core.server_address, none that hide a machine of the
network. Pure rules, no look-ups; what a name leads to is judged when it is reached."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from manager.core.errors import InvalidRequest, ServerUnreachable
from manager.core.server_address import is_loopback, origin

from .captive_portal import LOG_IN_FIRST

_LONGEST = 8192
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Where clouds hand out machine credentials outside the link-local range.
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")
)

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class ServerUrl(NamedTuple):
    """A checked address. `origin` is canonical: lower case, no default port, no slash."""

    scheme: str
    host: str
    origin: str
    loopback: bool


def check_url(url: str) -> ServerUrl:
    """The parts of an address that may be asked.

    https anywhere; http only on this machine (`localhost` or a loopback literal, RFC 8252 section
    8.3). No link-local target (169.254.169.254 hands out a cloud machine's credentials), no number
    that hides one. Raises InvalidRequest.
    """
    if len(url) > _LONGEST:
        raise InvalidRequest("The address is too long.")
    canonical_origin = origin(url)
    parts = urlsplit(canonical_origin)
    host = parts.hostname or ""
    address = _literal(host)
    if (address is not None and is_forbidden(address)) or parts.port == 0:
        raise InvalidRequest("The address is one at which no person signs in.")
    return ServerUrl(parts.scheme, host, canonical_origin, is_loopback(canonical_origin))


def redirected(before: ServerUrl, url: str) -> ServerUrl:
    """Where a redirect of `before` leads, never from https to http. Raises ServerUnreachable."""
    with contextlib.suppress(InvalidRequest):
        target = check_url(url)
        if target.scheme == "https" or before.scheme == "http":
            return target
    raise ServerUnreachable(
        f"{before.host} redirects to an address that is not allowed.",
        hint=f"{LOG_IN_FIRST}.",
    )


def is_forbidden(address: IpAddress) -> bool:
    """Whether nothing that a person signs in to can stand at this address."""
    inner = _embedded(address)
    if inner is not None:
        return is_forbidden(inner)
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
    )


def _embedded(address: IpAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        socket.inet_aton(host)  # also takes 0x7f.1, 2852039166: ways to hide an address
    except OSError:
        return None
    raise InvalidRequest("The address is a number that is not written in the usual way.")
