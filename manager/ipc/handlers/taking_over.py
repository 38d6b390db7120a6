"""`accounts.find`, `accounts.import` and `variables.read`: what this machine already holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.errors import InvalidRequest
from manager.core.ports import Clock
from manager.core.secret import Secret
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.taking_over import Finding, TakingOver

_MOST_VARIABLES = 256
_LONGEST_VALUE = 64 * 1024


class TakingOverHandlers:
    def __init__(self, accounts: AccountsService, taking_over: TakingOver, clock: Clock) -> None:
        self._accounts = accounts
        self._taking_over = taking_over
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {
            "accounts.find": self.find,
            "accounts.import": self.take,
            "variables.read": self.read,
        }

    async def find(self, session: Session, params: Any) -> dict[str, Any]:
        return {"found": [_finding(each) for each in await self._taking_over.find()]}

    async def take(self, session: Session, params: Any) -> dict[str, Any]:
        if (params.found is None) is (params.variables is None):
            raise InvalidRequest("Either `found` or `variables` says what to import.")
        if params.found is not None:
            account = await self._taking_over.take(params.provider, params.found)
        else:
            variables = _variables(params.variables)
            account = await self._taking_over.take_from_variables(params.provider, variables)
        holding = self._accounts.holding(account.id)
        return {"account": account_message(holding, self._accounts.defaults, self._clock.now())}

    def read(self, session: Session, params: Any) -> dict[str, Any]:
        return {
            "providers": [
                {
                    "provider": provider.id,
                    "provider_name": provider.name,
                    "server_url": read.server_url,
                    "method": read.method,
                    "holds_credential": read.holds_credential,
                    "notes": [
                        {"name": note.name, "honoured": note.honoured, "text": note.text}
                        for note in read.notes
                    ],
                }
                for provider, read in self._taking_over.read(_variables(params.variables))
            ]
        }


def _variables(given: Mapping[str, Any]) -> dict[str, Secret]:
    if len(given) > _MOST_VARIABLES:
        raise InvalidRequest(f"These are more than {_MOST_VARIABLES} variables.")
    for name, value in given.items():
        if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
            raise InvalidRequest(f"The variable {name[:60]!r} is no text, or too long.")
    return {name: Secret(value) for name, value in given.items() if value}


def _finding(finding: Finding) -> dict[str, Any]:
    found = finding.found
    return {
        "id": found.id,
        "provider": finding.provider.id,
        "provider_name": finding.provider.name,
        "source": found.source,
        "server_url": found.server_url,
        "label": found.label,
        "problem": found.problem or None,
        "known": finding.known,
    }
