"""What every Clock must hold to: the system's, and the one that tests set."""

from __future__ import annotations

import asyncio

import pytest

from manager.core.ports import Clock
from manager.system.clock import SystemClock
from tests.controlled_clock import ControlledClock

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("made", [SystemClock, ControlledClock])
async def test_a_clock(made: type[Clock]) -> None:
    clock = made()
    before = clock.now()
    for seconds in (-1.0, 0.0, 0.01):
        async with asyncio.timeout(5):
            await clock.sleep(seconds)
    after = clock.now()
    assert before.wall > 1_600_000_000
    assert after.boot >= before.boot > 0
    assert after.boot_id == before.boot_id != ""


def test_a_controlled_clock_goes_on_when_told() -> None:
    clock = ControlledClock()
    before = clock.now()
    clock.advance(60)
    assert (clock.now().wall, clock.now().boot) == (before.wall + 60, before.boot + 60)
    clock.reboot()
    assert clock.now().boot_id != before.boot_id
