"""A limit of time that never loses a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from manager.client.deadline import within

pytestmark = pytest.mark.anyio


async def test_the_result_or_the_error_of_the_work_comes_through() -> None:
    async def broken() -> None:
        raise ValueError("no")

    assert await within(5, asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ValueError, match="no"):
        await within(5, broken())


async def test_what_takes_too_long_is_ended() -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, endless())
    assert ended.is_set()


@pytest.mark.parametrize("moment", [0, 1, 2])
async def test_a_cancellation_in_the_moment_of_the_result_counts(moment: int) -> None:
    """With asyncio.wait_for before Python 3.12 the caller below goes on for ever."""
    loop = asyncio.get_running_loop()
    asked, reply = asyncio.Event(), loop.create_future()

    async def work() -> None:
        asked.set()
        await reply

    async def caller() -> None:
        await within(5, work())
        await asyncio.Event().wait()

    async with asyncio.timeout(5):
        task = loop.create_task(caller())
        await asked.wait()
        reply.set_result(None)
        for _ in range(moment):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
