"""How long a server asks to be left alone (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import math
from datetime import UTC
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0


def retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait: from 0 to a day; None where the header says nothing usable.

    Takes whole seconds, fractions of them (Speckle sends `599.331`) and an HTTP date, which is
    measured from `now` (unix seconds). A server that asks for more than a day is asked again after
    a day: the value may be nonsense, and an account must not stay silent for ever.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
            # A date without a zone is not in this machine's own: HTTP dates are in GMT.
            seconds = date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST)
