"""`accounts.set_export`: whether other programs see an account in their own plain-text file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.ports import Clock
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.showing import Showing


class ShowingHandlers:
    def __init__(self, accounts: AccountsService, showing: Showing, clock: Clock) -> None:
        self._accounts = accounts
        self._showing = showing
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {"accounts.set_export": self.set_export}

    async def set_export(self, session: Session, params: Any) -> dict[str, Any]:
        account, warning = await self._showing.set_exported(
            params.account, exported=params.exported
        )
        holding = self._accounts.holding(account.id)
        message = account_message(holding, self._accounts.defaults, self._clock.now())
        return {"account": message, "warning": warning}
