"""How often somebody has asked within a minute or so."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """`reset`: unix seconds at which the window begins anew; `remaining` is negative by how much
    it was overstepped."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(max(0, self.remaining))),
            ("X-RateLimit-Reset", str(self.reset)),
        )


@dataclass(slots=True)
class Windows:
    """Fixed windows of `seconds`, one a key."""

    seconds: float
    _begun: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, key: str, limit: int, now: float) -> Standing:
        start, used = self._begun.get(key, (now, 0))
        if not start <= now < start + self.seconds:
            start, used = now, 0
        self._begun[key] = (start, used + 1)
        return Standing(limit, limit - used - 1, math.ceil(start + self.seconds))

    def untouched(self, limit: int, now: float) -> Standing:
        """What somebody sees who is not counted."""
        return Standing(limit, limit, math.ceil(now + self.seconds))
