"""A limit of time for a call, which also a cancellation always ends.

asyncio.wait_for is not used: before Python 3.12 it drops a cancellation that comes in the moment in
which the result does, and whoever asked for the end then waits for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which never goes on after this ends. Raises asyncio.TimeoutError."""
    # Not a TaskGroup: it exists from Python 3.11 on only. The task ends before this does.
    task = asyncio.get_running_loop().create_task(work)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # nobody else may ask, and asyncio would complain
    if task.cancelled():
        raise asyncio.TimeoutError
    return task.result()
