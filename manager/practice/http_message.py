"""A request that came in and the reply that goes out, as values (RFC 9110)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request; `headers` have lower-case names, `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query_string(self) -> str:
        return urlsplit(self.target).query

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one, the last."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a form-urlencoded body; empty for other media types."""
        if self.media_type != "application/x-www-form-urlencoded":
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def cookies(self) -> dict[str, str]:
        try:
            jar = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in jar.items()}

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body)


class Delivery(Enum):
    """How a reply travels: faults change it, handlers leave it whole."""

    WHOLE = "whole"
    CUT = "cut"
    """The connection ends and nothing was sent."""
    HANG = "hang"
    """Nothing is sent and the connection stays open."""
    DRIP = "drip"
    """The head at once, then the body byte by byte."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """One reply; `delay` is seconds to wait before it is sent."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    delivery: Delivery = Delivery.WHOLE
    delay: float = 0.0
    drip: float = 0.25

    def adding(self, *headers: tuple[str, str]) -> HttpReply:
        return replace(self, headers=self.headers + headers)


def json_reply(value: object, status: int = 200, *headers: tuple[str, str]) -> HttpReply:
    body = json.dumps(value).encode()
    return HttpReply(status, (("Content-Type", "application/json; charset=utf-8"), *headers), body)


def text_reply(text: str, status: int = 200, *headers: tuple[str, str]) -> HttpReply:
    body = text.encode()
    return HttpReply(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), body)


def html_reply(page: str, status: int = 200, *headers: tuple[str, str]) -> HttpReply:
    """A page that neither frames, caches nor scripts touch (RFC 6749 section 10.13)."""
    guard = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
    )
    return HttpReply(status, (*guard, *headers), page.encode())


def redirect_reply(location: str, status: int = 302, *headers: tuple[str, str]) -> HttpReply:
    return HttpReply(status, (("Location", location), ("Cache-Control", "no-store"), *headers))
