"""Cookies that a server sets, and how they go back (RFC 6265 sections 5.2 and 5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from manager.core.secret import Secret

_PAIR = re.compile(
    r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128})\s*=\s*([\x21\x23-\x2B\x2D-\x3A\x3C-\x7E\"]{1,4096})\s*"
)
_AGE = re.compile(r"\s*max-age\s*=\s*(-?\d{1,12})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReceivedCookie:
    """`lifetime`: seconds (Max-Age), None where it ends with the browser."""

    name: str
    value: Secret
    lifetime: float | None


def received_cookies(lines: Iterable[str]) -> tuple[ReceivedCookie, ...]:
    """Those that are to be kept: a cookie that is being deleted is none, nor is a malformed one."""
    found = (_received(line) for line in lines)
    return tuple(cookie for cookie in found if cookie is not None)


def cookie_header(cookies: Iterable[tuple[str, Secret]]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value.reveal()}" for name, value in cookies)}


def _received(line: str) -> ReceivedCookie | None:
    first, *attributes = line.split(";")
    pair = _PAIR.fullmatch(first)
    if pair is None:
        return None
    ages = [int(match[1]) for each in attributes if (match := _AGE.fullmatch(each))]
    if ages and ages[-1] <= 0:
        return None
    return ReceivedCookie(pair[1], Secret(pair[2]), float(ages[-1]) if ages else None)
