"""Asks, now and then, whether servers still accept what does not renew by itself: a revoked key is
found before a program trips over it."""

from __future__ import annotations

import asyncio
import logging

from manager.core.account_state import AttentionNeeded
from manager.core.errors import AccountManagerError
from manager.core.ports import Clock, Randomness
from manager.core.refresh_policy import LONGEST_SLEEP
from manager.core.verification_policy import again_after, first_after, next_after

from .accounts import AccountsService
from .holdings import Holding
from .verification import Verification

_log = logging.getLogger(__name__)


class Watching:
    """Network trouble changes nothing but the time of the next look."""

    def __init__(
        self,
        accounts: AccountsService,
        verification: Verification,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._accounts = accounts
        self._verification = verification
        self._clock = clock
        self._randomness = randomness

    def tick(self, tasks: asyncio.TaskGroup) -> float:
        """Start what is due; seconds until the next look."""
        pause, now = LONGEST_SLEEP, self._clock.now().boot
        for holding in self._accounts.holdings():
            if not self._watched(holding):
                continue
            if holding.verify_at is None and holding.last_attempt is None:
                holding.verify_at = now + first_after(self._randomness.fraction())
            elif holding.verify_at is None:  # it has just been signed in
                self._plan(holding)
            due = (holding.verify_at or now) - now
            if due > 0:
                pause = min(pause, due)
            elif not self._verification.under_way(holding.account.id):
                self._plan(holding)
                tasks.create_task(self._look(holding))
        return pause

    def _watched(self, holding: Holding) -> bool:
        account = holding.account
        return (
            not account.renewal.by_itself
            and not isinstance(account.state, AttentionNeeded)
            and self._verification.can_ask(account)
        )

    def _plan(self, holding: Holding) -> None:
        holding.verify_at = self._clock.now().boot + next_after(self._randomness.fraction())

    async def _look(self, holding: Holding) -> None:
        try:
            await self._verification.verify(holding.account.id)
        except Exception as failure:  # noqa: BLE001  # one bad account must not end the agent
            _log.info("a background question brought no verdict: %s", type(failure).__name__)
            holding.verify_failures += 1
            asked_for = failure.retry_after if isinstance(failure, AccountManagerError) else None
            fraction = self._randomness.fraction()
            pause = again_after(holding.verify_failures, asked_for, fraction)
            holding.verify_at = self._clock.now().boot + pause
        else:
            holding.verify_failures = 0
            self._plan(holding)
