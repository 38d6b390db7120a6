"""The machine's two clocks: the one on the wall, and the one that counts suspend."""

from __future__ import annotations

import asyncio
import ctypes
import sys
import time
import uuid
from functools import cache
from pathlib import Path

from manager.core.moment import Moment

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LONGEST_SLEEP = 40.0
"""Seconds. Timers stand still while the machine sleeps: after a resume nobody waits longer than
this before he looks at the clock again."""


class SystemClock:
    """The port `Clock` on the operating system."""

    def now(self) -> Moment:
        return Moment(wall=time.time_ns() / 1e9, boot=boot_seconds(), boot_id=boot_id())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(max(seconds, 0.0), LONGEST_SLEEP))


if sys.platform == "linux":

    def boot_seconds() -> float:
        """Seconds since the boot, suspend included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

elif sys.platform == "darwin":  # not run yet on that system

    def boot_seconds() -> float:
        """Seconds since the boot, sleep included: on Darwin CLOCK_MONOTONIC_RAW reads
        mach_continuous_time, and CLOCK_UPTIME_RAW the one that stops."""
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)

else:  # not run yet on that system

    def boot_seconds() -> float:
        """Seconds since the boot, sleep included (QueryInterruptTime counts it, in 100 ns)."""
        interrupt_time = ctypes.c_ulonglong()
        ctypes.WinDLL("api-ms-win-core-realtime-l1-1-1").QueryInterruptTime(  # type: ignore[attr-defined]
            ctypes.byref(interrupt_time)
        )
        return interrupt_time.value / 10_000_000


@cache
def boot_id() -> str:
    """Which boot this is. Where it cannot be known, each process counts as a boot of its own:
    stored lifetimes are then judged by the wall clock, which costs at most one refresh."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return str(uuid.uuid4())
