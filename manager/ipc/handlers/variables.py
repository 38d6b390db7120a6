"""`token.variables`: a token under the names that programs of its ecosystem read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from manager.core.consent import Capability
from manager.core.errors import InvalidRequest
from manager.ipc.account_messages import variables_message
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.variables import DEFAULT_MIN_VALID, VariablesService


class VariablesHandlers:
    def __init__(
        self, accounts: AccountsService, variables: VariablesService, gatekeeper: Gatekeeper
    ) -> None:
        self._accounts = accounts
        self._variables = variables
        self._gatekeeper = gatekeeper

    def table(self) -> Mapping[str, Handler]:
        return {"token.variables": self.get}

    async def get(self, session: Session, params: Any) -> dict[str, Any]:
        self._gatekeeper.require_any(session)
        account = self._accounts.choose(params.account, params.server)
        self._gatekeeper.require(session, account, Capability.GET_TOKENS)
        min_valid = DEFAULT_MIN_VALID if params.min_valid is None else params.min_valid
        if not (math.isfinite(min_valid) and min_valid >= 0):
            raise InvalidRequest("min_valid is a number of seconds, 0 or more.")
        return variables_message(await self._variables.get(account.id, min_valid))
