"""Waiting for another process: ask again until the answer is there, or say what did not come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PAUSE = 0.02


def until(ask: Callable[[], Answer], what: str, seconds: float = 15.0) -> Answer:
    """The first answer that is true. Raises TimeoutError, naming `what`, after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s there was still no {what}")
        time.sleep(PAUSE)
    return answer
