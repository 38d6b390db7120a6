"""A sign-in that failed for now: nobody repeats it but the person, unlike a renewal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from manager.core.errors import RateLimited, ServerUnreachable, TimeHelps

_WORTH_COUNTING = 120.0
"""Seconds; a longer pause is said in minutes."""


@contextmanager
def tried_by_the_person() -> Iterator[None]:
    """Errors of a server pass through, with a hint that promises no further try. One that was
    written for the case itself stays."""
    try:
        yield
    except (ServerUnreachable, RateLimited) as failure:
        if failure.hint == failure.default_hint:
            failure.hint = _hint(failure)
        raise


def _hint(failure: TimeHelps) -> str:
    pause = failure.retry_after or 0.0
    if pause > _WORTH_COUNTING:
        when = f"in {math.ceil(pause / 60)} minutes"
    elif pause > 1:
        when = f"in {math.ceil(pause)} seconds"
    else:
        when = "in a moment"
    if isinstance(failure, RateLimited):
        return f"Try again {when}."
    return f"Check the network connection, and try again {when}."
