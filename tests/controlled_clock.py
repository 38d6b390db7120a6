"""A clock that a test sets; it passes the contract checks of the real one (core/test_ports.py)."""

from __future__ import annotations

import asyncio
import time

from manager.core.moment import Moment


class ControlledClock:
    """Stands still until it is told to go on. `slept` keeps what was asked of `sleep`, which
    returns early, as the port allows."""

    def __init__(self) -> None:
        self.wall = time.time()
        self.boot = 1000.0
        self.boot_id = "boot-1"
        self.slept: list[float] = []

    def now(self) -> Moment:
        return Moment(self.wall, self.boot, self.boot_id)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Time passes on both clocks, suspended or not."""
        self.wall += seconds
        self.boot += seconds

    def reboot(self) -> None:
        self.boot, self.boot_id = 5.0, f"{self.boot_id}+"
