"""What a browser may say to the loopback port: one GET of one path, to one host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

LARGEST = 8192
"""Bytes of request line and headers."""


class Refused(Exception):
    """Not the callback; answered with `status` and nothing else."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class CallbackGate:
    """`redirect_uri`: the registered one with its port filled in."""

    redirect_uri: str

    def callback(self, request: bytes) -> str:
        """The whole callback URI in `request` (head of an HTTP/1 request). Raises Refused.

        The URI starts with `redirect_uri` itself, not with what the browser says its host was.
        """
        target, headers = _parsed(request)
        expected = urlsplit(self.redirect_uri)
        # Another name that an attacker's DNS points here (DNS rebinding) shows in Host.
        if headers("host") != [expected.netloc.encode()]:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST)
        path, mark, query = target.partition("?")
        if path != (expected.path or "/") or not mark or not query or "#" in query:
            raise Refused(HTTPStatus.NOT_FOUND)
        # A redirect is a navigation; a picture or script of some web page is not (Fetch Metadata).
        if any(value != b"document" for value in headers("sec-fetch-dest")):
            raise Refused(HTTPStatus.FORBIDDEN)
        return f"{self.redirect_uri}?{query}"


def _parsed(request: bytes) -> tuple[str, Callable[[str], list[bytes]]]:
    first, *rest = request.removesuffix(b"\r\n\r\n").split(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or parts[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refused(HTTPStatus.BAD_REQUEST)
    if parts[0] != b"GET":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED)
    if any(not 0x21 <= byte <= 0x7E for byte in parts[1]):
        raise Refused(HTTPStatus.BAD_REQUEST)
    pairs = []
    for line in rest:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip() or b"\n" in line or b"\0" in line:
            raise Refused(HTTPStatus.BAD_REQUEST)
        pairs.append((name.lower(), value.strip().lower()))
    return parts[1].decode("ascii"), lambda wanted: [
        value for name, value in pairs if name == wanted.encode()
    ]
