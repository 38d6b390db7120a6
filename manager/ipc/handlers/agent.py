"""`agent.*`: the process itself, for the person's own front doors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from manager import __version__
from manager.core.errors import StorageUnavailable
from manager.core.ports import Clock, KeychainControl
from manager.core.secret import Secret
from manager.ipc.account_messages import needs_attention
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.refresh_scheduler import RefreshScheduler


class AgentHandlers:
    def __init__(
        self,
        accounts: AccountsService,
        keychain: KeychainControl,
        scheduler: RefreshScheduler,
        gatekeeper: Gatekeeper,
        clock: Clock,
        *,
        connectors: Callable[[], int],
        agent_socket: str,
        control_socket: str,
        stop: Callable[[], None],
    ) -> None:
        self._accounts = accounts
        self._keychain = keychain
        self._scheduler = scheduler
        self._gatekeeper = gatekeeper
        self._started_at = int(clock.now().wall)
        self._connectors = connectors
        self._sockets = (agent_socket, control_socket)
        self._stop = stop

    def table(self) -> Mapping[str, Handler]:
        return {
            "agent.status": self.status,
            "agent.unlock": self.unlock,
            "agent.change_passphrase": self.change_passphrase,
            "agent.stop": self.stop,
        }

    async def status(self, session: Session, params: Any) -> dict[str, Any]:
        storage = "available"
        try:
            await self._accounts.load()
        except StorageUnavailable as failure:
            storage = failure.message
        accounts = self._accounts.all()
        return {
            "version": __version__,
            "pid": os.getpid(),
            "started_at": self._started_at,
            "consent": self._gatekeeper.mode.value,
            "keychain": await self._keychain.status(),
            "vault": self._keychain.vault,
            "vault_made": self._keychain.made,
            "storage": storage,
            "accounts": len(accounts),
            "attention": sum(needs_attention(account) for account in accounts),
            "connections": self._connectors(),
            "agent_socket": self._sockets[0],
            "control_socket": self._sockets[1],
        }

    async def unlock(self, session: Session, params: Any) -> dict[str, Any]:
        passphrase = None if params.passphrase is None else Secret(params.passphrase)
        await self._keychain.unlock(passphrase, make=bool(params.make))
        return await self._unlocked()

    async def change_passphrase(self, session: Session, params: Any) -> dict[str, Any]:
        old, new = Secret(params.passphrase), Secret(params.new_passphrase)
        await self._keychain.change_passphrase(old, new)
        return await self._unlocked()

    async def _unlocked(self) -> dict[str, Any]:
        self._scheduler.wake()
        return {"keychain": await self._keychain.status()}

    def stop(self, session: Session, params: Any) -> dict[str, Any]:
        self._stop()
        return {"stopping": True}
