"""Reads `Retry-After` (RFC 9110 section 10.2.3), also where it is a fraction (Speckle)."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0


def parse_retry_after(value: str | None, wall: float) -> float | None:
    """Seconds to wait from `wall` (unix seconds), between 0 and a day; None when not said.

    A server that asks for more than a day is asked again after a day: the value may be nonsense,
    and an account must not stay silent for ever.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, wall)
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST)


def _until(text: str, wall: float) -> float:
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp() - wall
    except (ValueError, OverflowError, TypeError):
        return math.nan
