"""Points in time that survive a suspended machine and a changed wall clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

_FOREVER = 100 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, read off two clocks.

    `wall`: seconds since the epoch, may jump. `boot`: seconds since the machine booted, counts
    suspend, never jumps. `boot_id`: which boot; `boot` values of two boots do not compare.
    """

    wall: float
    boot: float
    boot_id: str


@dataclass(frozen=True, slots=True)
class Validity:
    """How long something issued at `issued` lives; `lifetime` in seconds, None when not said."""

    issued: Moment
    lifetime: float | None

    def remaining(self, now: Moment) -> float | None:
        """Seconds left (negative: past), None when the server did not say.

        Within one boot the suspend-aware clock decides. Across boots the wall clock must, and
        where it stands before the issue it cannot be trusted: nothing is left then, which costs
        one refresh instead of a dead token.
        """
        if self.lifetime is None:
            return None
        if now.boot_id == self.issued.boot_id:
            return self.lifetime - (now.boot - self.issued.boot)
        elapsed = now.wall - self.issued.wall
        return self.lifetime - elapsed if elapsed >= 0 else 0.0

    def expires_at(self, now: Moment) -> int | None:
        """The end as seconds since the epoch on today's wall clock, None when not known."""
        remaining = self.remaining(now)
        return None if remaining is None else math.floor(now.wall + remaining)

    def age(self, now: Moment) -> float:
        """Seconds since the issue; 0 when the wall clock went back across boots."""
        if now.boot_id == self.issued.boot_id:
            return now.boot - self.issued.boot
        return max(0.0, now.wall - self.issued.wall)


def usable_lifetime(expires_in: object) -> float | None:
    """What a token endpoint's `expires_in` (RFC 6749 section 5.1) is worth, in seconds.

    Servers send numbers as text, nothing at all, and 0 or less for "does not expire": whatever
    cannot be a lifetime is None (unknown), so that it starts no storm of refreshes.
    """
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float | str):
        return None
    try:
        seconds = float(expires_in)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or seconds <= 0:
        return None
    return min(seconds, _FOREVER)
