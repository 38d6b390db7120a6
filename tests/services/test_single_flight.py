from __future__ import annotations

import asyncio
import gc

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


async def test_a_follower_waits_for_the_flight_and_starts_its_own_work() -> None:
    release, order = asyncio.Event(), []

    async def first() -> str:
        await release.wait()
        order.append("first")
        return "first"

    async def second() -> str:
        order.append("second")
        return "second"

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[str] = SingleFlight(tasks)
        flying = tasks.create_task(flights.join("a", first))
        following = tasks.create_task(flights.follow("a", second))
        await turns()
        assert order == []
        assert await flights.follow("b", second) == "second"  # another key waits for nobody
        order.clear()
        release.set()
        assert (await flying, await following) == ("first", "second")
    assert order == ["first", "second"]


async def test_a_follower_starts_at_once_where_nothing_flies() -> None:
    async def work() -> int:
        return 7

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[int] = SingleFlight(tasks)
        assert await flights.follow("a", work) == 7


async def test_followers_never_fly_at_the_same_time() -> None:
    flying, most, flown = 0, 0, 0

    async def work() -> None:
        nonlocal flying, most, flown
        flying += 1
        most = max(most, flying)
        await turns()
        flying -= 1
        flown += 1

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[None] = SingleFlight(tasks)
        await asyncio.gather(*(flights.follow("a", work) for _ in range(5)))
    assert most == 1
    assert 1 < flown <= 5


async def test_a_follower_goes_on_after_a_failure() -> None:
    release = asyncio.Event()

    async def fail() -> str:
        await release.wait()
        raise ValueError("no")

    async def work() -> str:
        return "done"

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[str] = SingleFlight(tasks)
        flying = asyncio.gather(flights.join("a", fail), return_exceptions=True)
        following = tasks.create_task(flights.follow("a", work))
        await turns()
        release.set()
        assert await following == "done"
        assert [type(each) for each in await flying] == [ValueError]


async def test_a_cancelled_follower_starts_nothing() -> None:
    release, started = asyncio.Event(), []

    async def first() -> None:
        await release.wait()

    async def second() -> None:
        started.append("second")

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[None] = SingleFlight(tasks)
        flying = tasks.create_task(flights.join("a", first))
        following = tasks.create_task(flights.follow("a", second))
        await turns()
        following.cancel()
        await turns()
        assert flights.under_way("a")
        release.set()
        await flying
    assert following.cancelled()
    assert started == []


async def test_the_last_caller_may_leave_before_a_failure() -> None:
    release, reports = asyncio.Event(), []

    async def fail() -> None:
        await release.wait()
        raise ValueError("no")

    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[None] = SingleFlight(tasks)
        caller = tasks.create_task(flights.join("a", fail))
        await turns()
        caller.cancel()
        release.set()
        await flights.settled("a")
        await turns()
    assert not flights.under_way("a")
    gc.collect()
    assert reports == []


async def test_a_flight_that_is_cancelled_cancels_its_callers_and_frees_the_key() -> None:
    async def cancelled() -> str:
        raise asyncio.CancelledError

    async def work() -> str:
        return "done"

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[str] = SingleFlight(tasks)
        with pytest.raises(asyncio.CancelledError):
            await flights.join("a", cancelled)
        await turns()
        assert await flights.join("a", work) == "done"


async def test_waiting_for_all_has_an_end() -> None:
    release = asyncio.Event()

    async def work() -> str:
        await release.wait()
        return "done"

    async with asyncio.TaskGroup() as tasks:
        flights: SingleFlight[str] = SingleFlight(tasks)
        await flights.all_settled(60.0)  # nothing flies
        callers = [tasks.create_task(flights.join(key, work)) for key in "ab"]
        await turns()
        await flights.all_settled(0.01)
        assert flights.under_way("a")
        assert flights.under_way("b")
        release.set()
        await flights.all_settled(60.0)
        assert not any(flights.under_way(key) for key in "ab")
        assert [await each for each in callers] == ["done"] * 2


async def turns() -> None:
    """Let everybody who can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)
