"""The environment variables that the programs of an account's ecosystem read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from manager.core.credential import renewal_of
from manager.core.errors import InvalidRequest, ProviderError
from manager.core.ports import Clock
from manager.core.provider_abilities import SetsVariables
from manager.core.secret import Secret

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .tokens import TokensService

DEFAULT_MIN_VALID = 300.0
"""A script has some minutes at least; a token is not renewed below a running one."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class AccountVariables:
    """`expires_at`: when what they hold ends, unix seconds; None where nobody knows or never."""

    account_id: str
    values: Mapping[str, Secret]
    expires_at: int | None = None


class VariablesService:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        tokens: TokensService,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._tokens = tokens
        self._clock = clock

    async def get(self, account_id: str, min_valid: float = DEFAULT_MIN_VALID) -> AccountVariables:
        """What the provider sets for this account, renewed first where it must be.

        Raises InvalidRequest where this kind of server or account has none, and what
        TokensService.get raises.
        """
        account = self._accounts.holding(account_id).account
        provider = self._providers.get(account.provider)
        if not isinstance(provider, SetsVariables):
            raise InvalidRequest(
                f"{provider.name} accounts have no environment variables of their own.",
                hint="Set one yourself, for example: "
                f'TOKEN="$(account-manager token {quote(account.identity.label)})"',
            )
        credential = await self._tokens.current(account_id, min_valid)
        values = provider.variables_for(account.server, credential)
        for name, value in values.items():
            if not _NAME.fullmatch(name) or "\0" in value.reveal():
                raise ProviderError(f"{provider.name} sets a variable that no program could read.")
        validity = renewal_of(credential).validity
        ends = None if validity is None else validity.expires_at(self._clock.now())
        return AccountVariables(account_id, values, ends)
