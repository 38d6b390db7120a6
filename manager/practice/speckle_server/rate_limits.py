"""Speckle's rate limits (speckle-server, core/utils/ratelimiter.ts) and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from manager.practice.http_message import HttpReply, json_reply

MESSAGE = {
    "error": {
        "message": "You have sent too many requests. You are being rate limited. "
        "Please try again later.",
        "code": "RATE_LIMIT_ERROR",
    }
}


@dataclass(slots=True)
class _Window:
    points: int
    seconds: float
    used: int = 0
    ends_at: float = 0.0

    def consume(self, now: float) -> bool:
        if now >= self.ends_at:
            self.used, self.ends_at = 0, now + self.seconds
        self.used += 1
        return self.used <= self.points


@dataclass(slots=True)
class _Bursty:
    """The steady window first, then what the burst still allows."""

    steady: _Window
    burst: _Window


_LIMITS = {
    "graphql": (50, 1, 200, 60),
    "local_login": (4, 600, 10, 1800),
    "register": (6, 3600, 0, 3600),
}
_ALL_REQUESTS = (500, 1, 2000, 60)


@dataclass(slots=True)
class RateLimits:
    """Counts by endpoint and key (a token's id, or the address)."""

    counts: dict[tuple[str, str], _Bursty] = field(default_factory=dict)

    def refusal(self, endpoint: str, key: str, now: float) -> HttpReply | None:
        """The 429, or None while the caller is within bounds."""
        points, seconds, burst_points, burst_seconds = _LIMITS.get(endpoint, _ALL_REQUESTS)
        group = endpoint if endpoint in _LIMITS else "all"
        count = self.counts.get((group, key))
        if count is None:
            count = _Bursty(_Window(points, seconds), _Window(burst_points, burst_seconds))
            self.counts[group, key] = count
        if count.steady.consume(now) or count.burst.consume(now):
            return None
        wait = max(0.001, count.steady.ends_at - now)
        reset = datetime.fromtimestamp(count.steady.ends_at, UTC).isoformat(timespec="milliseconds")
        return json_reply(
            MESSAGE,
            429,
            ("Retry-After", f"{wait:.3f}"),
            ("X-RateLimit-Reset", reset.replace("+00:00", "Z")),
            ("X-Speckle-Meditation", "https://http.cat/429"),
        )
