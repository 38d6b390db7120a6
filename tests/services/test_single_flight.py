from __future__ import annotations

import asyncio

import pytest

from manager.services.single_flight import SingleFlight

pytestmark = pytest.mark.anyio


async def test_a_hundred_callers_share_one_flight() -> None:
    started = 0

    async def work() -> int:
        nonlocal started
        started += 1
        await asyncio.sleep(0)
        return 42

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[int] = SingleFlight(tasks)
        results = await asyncio.gather(*(flights.join("a", work) for _ in range(100)))
    assert results == [42] * 100
    assert started == 1


async def test_a_cancelled_caller_leaves_the_flight_alone() -> None:
    release, ended = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        await release.wait()
        ended.set()
        return "stored"

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[str] = SingleFlight(tasks)
        caller = tasks.create_task(flights.join("a", work))
        other = tasks.create_task(flights.join("a", work))
        await asyncio.sleep(0)
        caller.cancel()
        release.set()
        assert await other == "stored"
    assert ended.is_set()
    assert not flights.under_way("a")


async def test_an_error_reaches_every_caller_and_never_the_group() -> None:
    async def work() -> None:
        raise ValueError("no")

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[None] = SingleFlight(tasks)
        results = await asyncio.gather(
            *(flights.join("a", work) for _ in range(3)), return_exceptions=True
        )
        assert [type(each) for each in results] == [ValueError] * 3
        await flights.settled("a")


async def test_the_next_one_flies_again() -> None:
    count = 0

    async def work() -> int:
        nonlocal count
        count += 1
        return count

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[int] = SingleFlight(tasks)
        assert await flights.join("a", work) == 1
        assert await flights.join("a", work) == 2
