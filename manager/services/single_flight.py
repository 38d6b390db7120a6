"""One piece of work a key, however many wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Callers for the same key share one running task.

    A cancelled caller leaves the task alone: a refresh that was sent must be stored, or its
    rotated token is lost. The task's result or error reaches every caller. Tasks live in the
    TaskGroup given; their errors never reach the group.
    """

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._flights: dict[Hashable, asyncio.Future[Result]] = {}

    def under_way(self, key: Hashable) -> bool:
        return key in self._flights

    async def join(self, key: Hashable, start: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Wait for the flight of `key`, starting it where none is under way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.get_running_loop().create_future()
            self._flights[key] = flight
            self._tasks.create_task(self._fly(key, flight, start))
        return await asyncio.shield(flight)

    async def follow(
        self, key: Hashable, start: Callable[[], Coroutine[Any, Any, Result]]
    ) -> Result:
        """Start this very work once no other flight of `key` is under way; others join it then."""
        while key in self._flights:
            await self.settled(key)
        return await self.join(key, start)

    async def settled(self, key: Hashable) -> None:
        """Wait until no flight of `key` is under way, whatever its end."""
        flight = self._flights.get(key)
        if flight is not None:
            await asyncio.wait([flight])

    async def all_settled(self, patience: float) -> None:
        """Wait at most `patience` seconds for everything under way."""
        if self._flights:
            await asyncio.wait(list(self._flights.values()), timeout=patience)

    async def _fly(
        self,
        key: Hashable,
        flight: asyncio.Future[Result],
        start: Callable[[], Coroutine[Any, Any, Result]],
    ) -> None:
        try:
            result = await start()
        except asyncio.CancelledError:
            flight.cancel()
            raise
        except Exception as failure:  # noqa: BLE001  # it belongs to the callers
            if not flight.cancelled():
                flight.set_exception(failure)
                flight.exception()  # nobody may be waiting any more
        else:
            if not flight.cancelled():
                flight.set_result(result)
        finally:
            self._flights.pop(key, None)
