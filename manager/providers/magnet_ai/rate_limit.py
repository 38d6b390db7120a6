"""How fast a token may ask on: pure decisions over what the server said last.

The seed document: 100 requests a minute and token, `X-RateLimit-Limit`, `-Remaining` and `-Reset`
(unix seconds) on every answer. While plenty remains nothing is slowed; from a quarter on, what
remains is spread evenly over the time to the reset, so that the 429 never comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from manager.oauth.retry_after import retry_after

LONGEST_WAIT = 5.0
"""Seconds that a request waits for its turn; beyond that it is not sent."""
_PLENTY = 0.25
_WINDOW = 60.0
"""The document counts by the minute: a reset further away is a clock that is wrong."""
_DIFFERENCE = 1_000_000_000
"""A reset below this is no moment but the seconds that are left, as other servers write it."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one token may still do. `resets_at`, `last_sent`: seconds on the boot clock."""

    limit: int
    remaining: int
    resets_at: float
    last_sent: float

    def taking_one(self, at: float) -> Allowance:
        """What is left when a request is sent at that moment."""
        return replace(self, remaining=max(0, self.remaining - 1), last_sent=at)


def pause(allowance: Allowance | None, now: float, *, essential: bool = False) -> float:
    """Seconds to wait before the next request. `essential`: a renewal or an ending, which may use
    what is left instead of its share of it."""
    if allowance is None:
        return 0.0
    left = allowance.resets_at - now
    if left <= 0:
        return 0.0
    if allowance.remaining <= 0:
        return left
    if essential or allowance.remaining > allowance.limit * _PLENTY:
        return 0.0
    return max(0.0, allowance.last_sent + left / allowance.remaining - now)


def allowance_of(
    headers: Mapping[str, str], before: Allowance | None, *, wall: float, boot: float
) -> Allowance | None:
    """What an answer's headers (lower-case names) say; None where they say nothing usable.

    Answers overtake each other: within one window the smallest remainder counts.
    """
    limit, remaining = _count(headers, "limit"), _count(headers, "remaining")
    until = seconds_to_reset(headers, wall)
    if limit is None or remaining is None or until is None:
        return None
    found = Allowance(limit, remaining, boot + until, boot if before is None else before.last_sent)
    if before is not None and abs(before.resets_at - found.resets_at) < 2:
        return replace(found, remaining=min(found.remaining, before.remaining))
    return found


def seconds_to_reset(headers: Mapping[str, str], wall: float) -> float | None:
    """Measured on the server's own clock where it shows it (`Date`), else on ours."""
    reset = _count(headers, "reset")
    if reset is None:
        return None
    if reset < _DIFFERENCE:
        return min(float(reset), _WINDOW)
    return min(max(0.0, reset - _server_time(headers.get("date"), wall)), _WINDOW)


def pause_after_refusal(headers: Mapping[str, str], wall: float) -> float | None:
    """How long a 429 asks for: `Retry-After`, else the reset; None where it does not say."""
    asked = retry_after(headers.get("retry-after"), now=wall)
    return seconds_to_reset(headers, wall) if asked is None else asked


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(f"x-ratelimit-{name}", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _server_time(date: str | None, otherwise: float) -> float:
    try:
        moment = parsedate_to_datetime(date or "")
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return otherwise
