"""The only bridge from a slot to a coroutine: every task is held, every error is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """Coroutines that a click starts. They end with `run`, at the latest."""

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self._on_error = on_error
        self._group: asyncio.TaskGroup | None = None
        self._running_at_all = False
        self._ended = asyncio.Event()
        self._early: list[Coroutine[Any, Any, None]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until `stop`; then whatever is still under way is cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            early, self._early = self._early, []
            for work in early:
                self.start(work)
            await self._ended.wait()
            self._group = None
            for task in tuple(self._running):
                task.cancel()

    def stop(self) -> None:
        """Also before `run`, which then ends at once."""
        self._ended.set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """From a slot. Before `run` it is kept until then; after it, it is dropped."""
        if self._group is not None:
            task = self._group.create_task(self._guarded(work))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif self._ended.is_set():
            work.close()
        else:
            self._early.append(work)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001
            self._on_error(error)
