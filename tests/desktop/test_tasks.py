"""Every task is held, every error is heard, stopping ends them all."""

from __future__ import annotations

import asyncio

import pytest

from manager.desktop.tasks import Tasks
from tests.desktop.sample_gateway import until

pytestmark = pytest.mark.anyio


async def test_work_runs_errors_are_heard_and_stop_cancels_the_rest() -> None:
    heard: list[Exception] = []
    tasks = Tasks(heard.append)
    done, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        done.set()

    async def broken() -> None:
        raise ValueError("no")

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    tasks.start(work())
    async with asyncio.TaskGroup() as group:
        group.create_task(tasks.run())
        await done.wait()
        tasks.start(broken())
        tasks.start(endless())
        await until(lambda: bool(heard))
        tasks.stop()
    assert [type(error) for error in heard] == [ValueError]
    assert cancelled.is_set()
    tasks.start(work())


async def test_a_stop_that_comes_before_the_run_counts() -> None:
    tasks = Tasks(lambda error: None)
    tasks.stop()
    async with asyncio.timeout(5):
        await tasks.run()
