"""Superseded credentials, revoked at the server once nobody can still be using them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from manager.core.account import Account
from manager.core.errors import AccountManagerError, StorageUnavailable
from manager.core.ports import AccountStore, Clock, RetiredCredential

from .accounts import AccountsService
from .provider_registry import ProviderRegistry

_log = logging.getLogger(__name__)
_LOOK_EVERY = 600.0
_AGAIN_AFTER = 900.0


class Retirement:
    """Speckle never invalidates an old pair by itself; a manager that cares logs it out later."""

    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        store: AccountStore,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._store = store
        self._clock = clock
        self._looked_at: float | None = None
        self._paused: dict[int, float] = {}
        self._busy: set[int] = set()

    async def tick(self, tasks: asyncio.TaskGroup) -> float:
        """Start what is due; seconds until the next look."""
        now = self._clock.now()
        if self._looked_at is not None and now.boot - self._looked_at < _LOOK_EVERY:
            return _LOOK_EVERY - (now.boot - self._looked_at)
        try:
            waiting = await self._store.retired()
        except StorageUnavailable:
            return _LOOK_EVERY
        pause = _LOOK_EVERY
        for retired in waiting:
            due = max(retired.due - now.wall, self._paused.get(retired.id, 0.0) - now.boot)
            if due > 0:
                pause = min(pause, due)
            elif retired.id not in self._busy:
                self._busy.add(retired.id)
                tasks.create_task(self._revoke(retired))
        self._looked_at = now.boot - (_LOOK_EVERY - pause)
        return pause

    def look_again(self) -> None:
        self._looked_at = None

    async def of_account(self, account: Account) -> None:
        """Revoke at once what waits for this account: it signs out."""
        for retired in await self._store.retired():
            if retired.account_id == account.id and retired.id not in self._busy:
                self._busy.add(retired.id)
                await self._revoke(retired, lambda: account)

    async def _revoke(
        self, retired: RetiredCredential, account: Callable[[], Account] | None = None
    ) -> None:
        try:
            owner = account() if account else self._accounts.holding(retired.account_id).account
            credential = await self._store.retired_credential(retired.id)
            await self._providers.get(owner.provider).revoke(owner.server, credential)
            await self._store.forget_retired(retired.id)
        except AccountManagerError as failure:
            self._paused[retired.id] = self._clock.now().boot + _AGAIN_AFTER
            _log.info("a superseded credential waits longer: %s", type(failure).__name__)
        finally:
            self._busy.discard(retired.id)
