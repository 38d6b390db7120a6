"""When to ask a server whether it still accepts what nobody renews: pure decisions over values.

All results are seconds. Randomness comes in as a fraction from [0, 1).
"""

from __future__ import annotations

from .refresh_policy import pause_after

FIRST_WITHIN = 60.0
"""After a start: soon, but not all of them in the first moment."""
EVERY = 4 * 3600.0
SHORTEST_PAUSE = 60.0


def first_after(fraction: float) -> float:
    """Seconds from the start until the first look."""
    return FIRST_WITHIN * fraction


def next_after(fraction: float) -> float:
    """Seconds from a verdict to the next look: 3 to 5 hours."""
    return EVERY * (0.75 + fraction / 2)


def again_after(failures: int, retry_after: float | None, fraction: float) -> float:
    """Seconds from the `failures`-th try in a row that brought no verdict: nobody waits for it."""
    return max(pause_after(failures, retry_after, fraction), SHORTEST_PAUSE * (1 + fraction))
