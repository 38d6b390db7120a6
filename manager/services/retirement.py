"""Superseded credentials, revoked at the server once nobody can still be using them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from manager.core.account import Account
from manager.core.errors import AccountNotFound, StorageUnavailable
from manager.core.ports import AccountStore, Clock, RetiredCredential

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .server_gate import ServerGate

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
        gate: ServerGate,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._store = store
        self._clock = clock
        self._gate = gate
        self._looked_at: float | None = None
        self._paused: dict[int, float] = {}
        self._busy: set[int] = set()

    async def tick(self, tasks: asyncio.TaskGroup) -> float:
        """Start what is due; seconds until the next look."""
        now = self._clock.now()
        if self._looked_at is not None and now.boot - self._looked_at < _LOOK_EVERY:
            return _LOOK_EVERY - (now.boot - self._looked_at)
        self._looked_at = now.boot
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
                tasks.create_task(self._retire(retired))
        self._looked_at = now.boot - (_LOOK_EVERY - pause)
        return pause

    async def end(self, account: Account) -> None:
        """Revoke now what waits for this account, which signs out. Raises as the provider does."""
        for retired in await self._waiting_for(account):
            if retired.id not in self._busy:
                await self._revoke(retired, account)

    async def forget(self, account: Account) -> None:
        """Forget what still waits for an account that is gone: nobody could revoke it later."""
        with suppress(StorageUnavailable):  # the next look forgets it then
            for retired in await self._waiting_for(account):
                await self._store.forget_retired(retired.id)

    async def _waiting_for(self, account: Account) -> list[RetiredCredential]:
        return [each for each in await self._store.retired() if each.account_id == account.id]

    async def _retire(self, retired: RetiredCredential) -> None:
        try:
            account = self._accounts.holding(retired.account_id).account
            async with self._gate.passing(account.server.url):
                await self._revoke(retired, account)
        except AccountNotFound:
            with suppress(StorageUnavailable):
                await self._store.forget_retired(retired.id)
        except Exception as failure:  # noqa: BLE001  # one bad account must not end the agent
            self._paused[retired.id] = self._clock.now().boot + _AGAIN_AFTER
            _log.info("a superseded credential waits longer: %s", type(failure).__name__)
        finally:
            self._busy.discard(retired.id)

    async def _revoke(self, retired: RetiredCredential, account: Account) -> None:
        credential = await self._store.retired_credential(retired.id)
        if not credential.imported:  # else another program still uses it
            await self._providers.get(account.provider).revoke(account.server, credential)
        await self._store.forget_retired(retired.id)
