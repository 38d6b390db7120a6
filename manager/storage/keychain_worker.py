"""One thread for the keychain, and a deadline for everybody who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from manager.core.errors import KeychainUnavailable

T = TypeVar("T")


class KeychainWorker:
    """Runs blocking calls one at a time, in a daemon thread that is never joined.

    A keychain may hang for ever (a prompt that nobody answers, a stopped daemon). Such a call keeps
    its thread, which cannot be ended from outside; a pool's thread would hold up the exit. Nothing
    is queued behind it: until it returns everybody is answered at once.
    """

    def __init__(self, deadline: float = 5.0) -> None:
        self._deadline = deadline
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._turn = asyncio.Lock()
        self._running: _Job | None = None
        self._hung = False

    async def run(self, call: Callable[[], T], *, deadline: float | None = None) -> T:
        """The call's result. A call that has a `deadline` (seconds) of its own waits for the
        person: nobody queues behind it either. Raises KeychainUnavailable, and what it raises."""
        self._refuse_behind_hung()
        try:
            async with asyncio.timeout(deadline or self._deadline), self._turn:
                await self._free()
                job = self._start(call, patient=deadline is not None)
                await job.ended.wait()
        except TimeoutError:
            self._judge()
            raise _late("The keychain did not answer in time.") from None
        result: T = job.outcome()
        return result

    def _refuse_behind_hung(self) -> None:
        if self._running is None or self._running.returned:
            self._hung = False
        if self._hung:
            raise _late("The keychain is busy with an earlier request.")

    async def _free(self) -> None:
        """Wait for a call whose caller was cancelled; but not for one that hangs."""
        self._refuse_behind_hung()
        if self._running is not None:
            await self._running.ended.wait()

    def _start(self, call: Callable[[], T], *, patient: bool) -> _Job:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="keychain", daemon=True)
            self._thread.start()
        self._running = job = _Job(call)
        self._hung = patient
        self._jobs.put(job)
        return job

    def _judge(self) -> None:
        """Somebody's time is up: does the call under way hang, or has it only just begun?"""
        running = self._running
        if running is not None and not running.returned:
            self._hung = self._hung or running.age() > self._deadline / 2

    def _work(self) -> None:
        while True:
            self._jobs.get().carry_out()


class _Job:
    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._result: Any = None
        self._error: BaseException | None = None
        self.ended = asyncio.Event()
        self.returned = False

    def age(self) -> float:
        return self._loop.time() - self._began

    def carry_out(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001  # carried to whoever waits
            self._error = error
        self._call = _nothing  # it may hold a key
        self.returned = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self.ended.set)

    def outcome(self) -> Any:
        error, result = self._error, self._result
        self._error = self._result = None
        if error is not None:
            raise error
        return result


def _nothing() -> None:
    """Stands where a call was."""


def _late(sentence: str) -> KeychainUnavailable:
    return KeychainUnavailable(
        sentence, hint="Answer its prompt if one is open; it will be tried again by itself."
    )
