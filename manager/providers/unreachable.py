"""Sentences for requests that brought no usable answer: what happened, and what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from manager.core.errors import ServerUnreachable

from .captive_portal import LOG_IN_FIRST

_CLOCK = "Check this machine's date; where it is right, tell the operator of the server."
_TRUST = (
    f"{LOG_IN_FIRST}; where a company has its own certificates, they must be installed in this"
    " system."
)


def not_sent(host: str, error: BaseException) -> ServerUnreachable:
    """The error for a request that never left this machine; judges by what caused `error`."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(host, cause)
        if isinstance(cause, ssl.SSLError):
            return ServerUnreachable(f"No encrypted connection to {host} came about.", hint=_TRUST)
        if isinstance(cause, socket.gaierror):
            return ServerUnreachable(
                f"The name {host} was not found.",
                hint="Check the address and the network connection.",
            )
        if isinstance(cause, ConnectionRefusedError):
            return ServerUnreachable(f"Nothing answers at {host}: the connection was refused.")
    return ServerUnreachable(f"No connection to {host} came about.")


def _untrusted(host: str, error: ssl.SSLCertVerificationError) -> ServerUnreachable:
    reason = error.verify_message or "it could not be checked"
    dated = "expired" in reason or "not yet valid" in reason
    return ServerUnreachable(
        f"The certificate of {host} is not trusted ({reason}).", hint=_CLOCK if dated else _TRUST
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything below it; a connection tried over IPv6 and IPv4 fails as a group."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [current.__context__, current.__cause__]
