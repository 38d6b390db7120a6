"""Which addresses the program talks to at all: pure rules, no look-ups."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from manager.core.errors import InvalidRequest, ServerUnreachable

_LONGEST = 8192
_DEFAULT_PORTS = {"https": 443, "http": 80}
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
    8.3). No user information, no control characters, no link-local target (169.254.169.254 hands
    out a cloud machine's credentials), no number that hides one. Raises InvalidRequest.
    """
    parts, port = _split(url)
    scheme, host = parts.scheme.lower(), _ascii_host(parts.hostname or "")
    address = _literal(host)
    if address is not None and is_forbidden(address):
        raise InvalidRequest("The address is one that only machines of a network use.")
    loopback = host == "localhost" or (address is not None and address.is_loopback)
    if scheme == "http" and not loopback:
        raise InvalidRequest(
            f"The address {host} is not encrypted.", hint="Use an address that starts with https."
        )
    shown = f"[{host}]" if ":" in host else host
    suffix = "" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}"
    return ServerUrl(scheme, host, f"{scheme}://{shown}{suffix}", loopback)


def redirected(before: ServerUrl, url: str) -> ServerUrl:
    """Where a redirect of `before` leads, never from https to http. Raises ServerUnreachable."""
    with contextlib.suppress(InvalidRequest):
        target = check_url(url)
        if target.scheme == "https" or before.scheme == "http":
            return target
    raise ServerUnreachable(
        f"{before.host} redirects to an address that is not allowed.",
        hint="Where a network asks to log in first (hotel, train), do that in the browser.",
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


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > _LONGEST:
        raise InvalidRequest("The address is too long.")
    if any(ord(char) <= 0x20 or ord(char) == 0x7F or char == "\\" for char in url):
        raise InvalidRequest("The address holds a character that no address may hold.")
    try:
        parts = urlsplit(url)
        port = parts.port
        known = parts.scheme.lower() in _DEFAULT_PORTS and bool(parts.hostname)
    except ValueError:
        known = False
    if not known or port == 0:
        raise InvalidRequest(
            "That is not the address of a server.", hint="It looks like https://example.org."
        )
    if "@" in parts.netloc:
        raise InvalidRequest("An address with a user name or password in it is not used.")
    return parts, port


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name:
        raise InvalidRequest("The address holds a name that is not written correctly.")
    return name


def _literal(host: str) -> IpAddress | None:
    if "%" in host:
        raise InvalidRequest("An address that names a network interface is not used.")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        socket.inet_aton(host)  # also takes 0x7f.1, 2852039166: ways to hide an address
    except OSError:
        return None
    raise InvalidRequest("The address is a number that is not written in the usual way.")
