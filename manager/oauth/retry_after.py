"""How long a server asks to be left alone (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

_LONGEST = 86_400.0


def retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait: from 0 to a day; None where the header says nothing usable.

    Takes whole seconds, fractions of them (Speckle sends `599.331`) and an HTTP date, which is
    measured from `now` (unix seconds).
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST)
