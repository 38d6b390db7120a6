"""Renews in the background, watches what cannot be renewed, and revokes what was superseded. The
policies decide when."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError
from manager.core.events import AccountAdded, AccountUpdated, Event
from manager.core.moment import Moment
from manager.core.ports import Clock, Randomness
from manager.core.refresh_policy import LONGEST_SLEEP, due_in, pause_after

from .accounts import AccountsService
from .event_bus import EventBus
from .holdings import Holding
from .refreshing import Refreshing
from .retirement import Retirement
from .single_flight import SingleFlight
from .watching import Watching

_log = logging.getLogger(__name__)
_SHORTEST_SLEEP = 0.05
"""However often it is woken: with thousands of accounts each look costs some milliseconds."""


class RefreshScheduler:
    """One loop that sleeps until the next account falls due, never longer than 40 s: the loop's
    own clock stands still while the machine sleeps, so it must look again by itself."""

    def __init__(
        self,
        accounts: AccountsService,
        refreshing: Refreshing,
        retirement: Retirement,
        watching: Watching,
        flights: SingleFlight[Credential],
        bus: EventBus,
        clock: Clock,
        randomness: Randomness,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._accounts = accounts
        self._refreshing = refreshing
        self._retirement = retirement
        self._watching = watching
        self._flights = flights
        self._clock = clock
        self._randomness = randomness
        self._tasks = tasks
        self._wake = asyncio.Event()
        bus.subscribe(self._on_event)

    def wake(self) -> None:
        """Look at the clock now: after a resume, a change of network, or new accounts."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            pause = await self.tick()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            await self._clock.sleep(_SHORTEST_SLEEP)

    async def tick(self) -> float:
        """Start what is due; seconds until the next look."""
        try:
            await self._accounts.load()
        except AccountManagerError:
            return 2.0
        pause, now = LONGEST_SLEEP, self._clock.now()
        for holding in self._accounts.holdings():
            due = self._due_in(holding, now)
            if due is None:
                continue
            if due > 0:
                pause = min(pause, due)
            elif not self._flights.under_way(holding.account.id):
                self._tasks.create_task(self._renew(holding))
        pause = min(pause, self._watching.tick(self._tasks))
        return min(pause, await self._retirement.tick(self._tasks))

    def _due_in(self, holding: Holding, now: Moment) -> float | None:
        if isinstance(holding.account.state, AttentionNeeded):
            return None
        if not holding.jitter:
            holding.jitter = self._randomness.fraction() or 0.5
        due = due_in(holding.account.renewal, now, holding.jitter)
        if holding.unsaved is not None:
            due = 0.0
        if due is None or not holding.failures:
            return due
        pause = pause_after(holding.failures, holding.retry_after, holding.jitter)
        return max(due, holding.failed_at + pause - now.boot)

    async def _renew(self, holding: Holding) -> None:
        account = holding.account
        try:
            if not account.renewal.by_itself and holding.unsaved is None:
                await self._accounts.need_attention(account, AttentionReason.NOT_RENEWABLE)
                return
            await self._flights.join(account.id, lambda: self._refreshing.refresh(account.id))
        except Exception as failure:  # noqa: BLE001  # one bad account must not end the agent
            _log.info("background refresh failed: %s", type(failure).__name__)
        else:
            holding.jitter = 0.0
        finally:
            self.wake()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, AccountAdded | AccountUpdated):
            self.wake()
