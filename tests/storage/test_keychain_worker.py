from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from manager.core.errors import KeychainUnavailable
from manager.storage.keychain_worker import KeychainWorker

pytestmark = pytest.mark.anyio


async def settled(worker: KeychainWorker) -> None:
    """Until the thread has come back from a call that was released."""
    async with asyncio.timeout(5):
        while worker._running is not None and not worker._running.returned:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_results_and_errors_come_back():
    worker = KeychainWorker()
    assert await worker.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    assert await worker.run(threading.current_thread) is not threading.current_thread()


async def test_nobody_waits_behind_a_call_that_hangs():
    worker = KeychainWorker(deadline=0.1)
    release = threading.Event()
    ran = []
    with pytest.raises(KeychainUnavailable):
        await worker.run(release.wait)
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(KeychainUnavailable):
            await worker.run(lambda: ran.append(1))
    assert time.monotonic() - started < 0.1
    release.set()
    await settled(worker)
    assert ran == []
    assert await worker.run(lambda: 7) == 7


async def test_those_who_waited_already_are_answered_with_the_first():
    worker = KeychainWorker(deadline=0.2)
    release = threading.Event()
    ran = []

    async def waiting() -> float:
        await asyncio.sleep(0.1)
        with pytest.raises(KeychainUnavailable):
            await worker.run(lambda: ran.append(1))
        return time.monotonic() - started

    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        waiters = [group.create_task(waiting()) for _ in range(5)]
        with pytest.raises(KeychainUnavailable):
            await worker.run(release.wait)
    assert all(waiter.result() < 0.28 for waiter in waiters), "not each a deadline of its own"
    assert ran == []
    release.set()


async def test_a_slow_call_is_no_hanging_one():
    """Who waits in vain behind a long row learns so; the row itself goes on."""
    worker = KeychainWorker(deadline=0.2)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tried(worker)) for _ in range(6)]
    assert {task.result() for task in tasks} == {True, False}
    await settled(worker)
    assert await worker.run(lambda: 7) == 7


async def _tried(worker: KeychainWorker) -> bool:
    try:
        await worker.run(lambda: time.sleep(0.08))
    except KeychainUnavailable:
        return False
    return True


async def test_a_cancelled_caller_does_not_block_the_next():
    worker = KeychainWorker(deadline=5)
    begun, release = threading.Event(), threading.Event()

    def call() -> None:
        begun.set()
        release.wait()

    async with asyncio.TaskGroup() as group:
        first = group.create_task(worker.run(call))
        await asyncio.to_thread(begun.wait)
        first.cancel()
        second = group.create_task(worker.run(lambda: 7))
        await asyncio.sleep(0)
        release.set()
        assert await second == 7


async def test_while_the_person_is_asked_nobody_waits():
    worker = KeychainWorker(deadline=5)
    begun, release = threading.Event(), threading.Event()

    def prompt() -> str:
        begun.set()
        release.wait()
        return "unlocked"

    async with asyncio.TaskGroup() as group:
        prompting = group.create_task(worker.run(prompt, deadline=60))
        await asyncio.to_thread(begun.wait)
        with pytest.raises(KeychainUnavailable):
            await worker.run(lambda: 7)
        release.set()
        assert await prompting == "unlocked"
    assert await worker.run(lambda: 7) == 7


def test_a_hanging_keychain_does_not_hold_up_the_exit():
    program = (
        "import asyncio, threading\n"
        "from manager.core.errors import KeychainUnavailable\n"
        "from manager.storage.keychain_worker import KeychainWorker\n"
        "async def main():\n"
        "    try:\n"
        "        await KeychainWorker(deadline=0.05).run(threading.Event().wait)\n"
        "    except KeychainUnavailable:\n"
        "        print('typed')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )
    assert (ended.stdout, ended.stderr) == ("typed\n", "")
