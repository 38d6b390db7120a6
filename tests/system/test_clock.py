"""The real clock: counts suspend, names the boot, never sleeps past its bound."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from manager.system.clock import LONGEST_SLEEP, SystemClock, boot_id


def test_both_clocks_are_read() -> None:
    before = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
    now = SystemClock().now()
    after = time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before[0] <= now.wall + 1e-5
    assert now.wall <= after[0] + 1e-5
    assert before[1] <= now.boot <= after[1]


def test_the_boot_is_the_kernels() -> None:
    assert boot_id() == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert SystemClock().now().boot_id == boot_id()


@pytest.mark.anyio
@pytest.mark.parametrize(("asked", "slept"), [(3600.0, LONGEST_SLEEP), (0.5, 0.5), (-1.0, 0.0)])
async def test_sleep_is_bounded(
    asked: float, slept: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    async def note(seconds: float) -> None:
        seen.append(seconds)

    monkeypatch.setattr("manager.system.clock.asyncio.sleep", note)
    await SystemClock().sleep(asked)
    assert seen == [slept]
