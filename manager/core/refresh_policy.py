"""When to renew, how long to pause after a failure: pure decisions over values.

All results are seconds. Randomness comes in as a fraction from [0, 1).
"""

from __future__ import annotations

from .account import Renewal
from .moment import Moment, Validity

LONGEST_LEAD = 300.0
LONGEST_PAUSE = 900.0
LONGEST_SLEEP = 40.0
"""A sleeping loop does not count suspend: look at the clock at least this often."""
FORCED_EVERY = 10.0
"""One forced refresh an account in this time: a connector cannot make a storm."""


def needed_validity(validity: Validity, min_valid: float) -> float:
    """How long a token must still live to be served for `min_valid`.

    A server whose tokens live shorter than what is asked for cannot please the caller; half of a
    lifetime keeps it from being asked again with every request.
    """
    if validity.lifetime is not None and min_valid >= validity.lifetime:
        return validity.lifetime / 2
    return min_valid


def serves(validity: Validity | None, now: Moment, min_valid: float) -> bool:
    """Whether the token at hand may be handed out for `min_valid` seconds of use."""
    if validity is None:
        return True
    remaining = validity.remaining(now)
    if remaining is None:
        return True
    return remaining > 0 and remaining >= needed_validity(validity, min_valid)


def due_in(renewal: Renewal, now: Moment, fraction: float) -> float | None:
    """Seconds until the background renews; 0 or less: now; None: never.

    A fifth of the lifetime ahead of its end, at most 5 minutes, spread over half of that again so
    that accounts that were issued together do not fall due together.
    """
    due: list[float] = []
    validity = renewal.validity
    if validity is not None and validity.lifetime is not None:
        remaining = validity.remaining(now)
        if remaining is not None:
            lead = min(validity.lifetime * 0.2, LONGEST_LEAD) * (1 + fraction / 2)
            due.append(remaining - (lead if renewal.by_itself else 0.0))
    if renewal.by_itself and renewal.renew_at is not None:
        due.append(renewal.renew_at - now.wall)
    return min(due) if due else None


def pause_after(failures: int, retry_after: float | None, fraction: float) -> float:
    """Seconds to leave the server alone after the `failures`-th failure in a row (1 or more).

    Exponential from 2 s to 15 min with half of it jitter; a server's own Retry-After is never
    undercut.
    """
    pause = min(2.0 ** min(failures, 16), LONGEST_PAUSE) * (0.5 + fraction / 2)
    return max(pause, retry_after or 0.0)


def pause_on_demand(failures: int, retry_after: float | None) -> float:
    """The same while somebody waits for the token: shorter, but still no storm."""
    return max(min(float(failures), 5.0), retry_after or 0.0)
