"""Addresses of servers: one spelling each, and their origins (RFC 6454)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from .errors import InvalidRequest

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST = 2048
_NEVER = frozenset(" <>\"'`{}|^\\")  # in no address, but in shells and markup


@lru_cache(maxsize=128)  # connectors name the same few servers all day
def canonical(address: str) -> str:
    """`address` as a URL without trailing slash, query and fragment; https when none is said.

    Raises InvalidRequest for anything that is no https address (http on this machine excepted),
    carries a user name or password, or holds control characters.
    """
    text = address.strip()
    if not text or len(text) > _LONGEST or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in text):
        raise InvalidRequest(
            "This is not the address of a server.", hint="Write it as https://server.example."
        )
    if "://" not in text:
        text = ("http://" if _is_loopback(_host_of(text)) else "https://") + text
    parts = _split(text)
    path = parts.path.rstrip("/")
    return f"{origin_of(parts)}{path}"


def origin(url: str) -> str:
    """`scheme://host[:port]` of a URL, host in lower case. Raises InvalidRequest."""
    return origin_of(_split(url))


def request_origin(url: str) -> str:
    """The origin of the address that a program sends a request to. Beyond it the address may hold
    what is allowed in a path but in no address that a person opens (quotes, pipes, brackets).
    Raises InvalidRequest."""
    if any(ord(c) <= 0x20 or c in "\\\x7f" for c in url):
        raise InvalidRequest("The address of the request holds what it may not hold.")
    scheme, separator, rest = url.partition("://")
    return origin(scheme + separator + re.split(r"[/?#]", rest, maxsplit=1)[0])


def origin_of(parts: SplitResult) -> str:
    """The origin of an already checked, split URL."""
    host = _ascii_host(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    port = parts.port
    if port is None or port == _DEFAULT_PORTS.get(parts.scheme):
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{port}"


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine by name or address."""
    return _is_loopback(urlsplit(url).hostname or "")


def reaches_into_this_machine(address: str, *, of: str) -> bool:
    """Whether `of`, a server elsewhere, names an address here: asked there, we would talk to the
    person's own local services for it."""
    return is_loopback(address) and not is_loopback(of)


def _split(url: str) -> SplitResult:
    refused = InvalidRequest(
        "This address cannot be used.",
        hint="Only https addresses without user name or password are allowed.",
    )
    if any(character in _NEVER or not character.isprintable() for character in url):
        raise refused
    try:
        parts = urlsplit(url)
        host, _ = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        raise refused from None
    if not host or parts.username is not None or parts.password is not None:
        raise refused
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return parts
    raise refused


def _ascii_host(host: str) -> str:
    """`host` as it goes over the wire (IDNA A-labels): look-alike letters cannot hide in it.

    Raises ValueError where no server can have that name.
    """
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    name = host.encode("idna").decode("ascii").lower()
    if not all(character.isalnum() or character in "-._" for character in name):
        raise ValueError("not a host name")
    return name


def _host_of(text: str) -> str:
    try:
        return urlsplit("//" + text).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
