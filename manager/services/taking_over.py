"""Accounts that other programs of this machine, or variables, already hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from manager.core.account import Account
from manager.core.account_state import SignedIn
from manager.core.errors import InvalidRequest
from manager.core.provider import Provider, SignInResult
from manager.core.provider_abilities import (
    FindsAccounts,
    FoundAccount,
    ReadsVariables,
    ReadVariables,
)
from manager.core.secret import Secret
from manager.core.server_address import canonical

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .sign_in_completion import SignInCompletion

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """`known`: an account of that name at that server is signed in here already."""

    provider: Provider
    found: FoundAccount
    known: bool


class TakingOver:
    """What is taken over is marked as imported: the other program still uses it, so it is never
    revoked behind that program's back. The other program's record stays as it is."""

    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        completion: SignInCompletion,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._completion = completion

    async def find(self) -> Sequence[Finding]:
        """What all kinds of server find on this machine; one that fails hides no other's."""
        asked = [each for each in self._providers.all() if isinstance(each, FindsAccounts)]
        answers = await asyncio.gather(
            *(provider.found_accounts() for provider in asked), return_exceptions=True
        )
        findings: list[Finding] = []
        for provider, answer in zip(asked, answers, strict=True):
            if isinstance(answer, BaseException):
                _log.warning(
                    "%s could not look for accounts: %s", provider.id, type(answer).__name__
                )
                continue
            findings += [Finding(provider, each, self._is_known(provider, each)) for each in answer]
        return findings

    async def take(self, provider_id: str, found_id: str) -> Account:
        """Keep an account that `find` found. Raises InvalidRequest, AccountNotFound,
        CredentialsRefused, ServerUnreachable, ProviderError, StorageUnavailable."""
        provider = self._providers.get(provider_id)
        if not isinstance(provider, FindsAccounts):
            raise InvalidRequest(f"{provider.name} accounts of other programs are not looked for.")
        return await self._keep(provider, await provider.take_over(found_id))

    def read(self, variables: Mapping[str, Secret]) -> Sequence[tuple[Provider, ReadVariables]]:
        """What each kind of server that knows one of these variables makes of them."""
        return [
            (provider, provider.read_variables(own))
            for provider in self._providers.all()
            if isinstance(provider, ReadsVariables) and (own := _own(provider, variables))
        ]

    async def take_from_variables(
        self, provider_id: str, variables: Mapping[str, Secret]
    ) -> Account:
        """Keep the account whose credential variables hold. Raises as `take`."""
        provider = self._providers.get(provider_id)
        if not isinstance(provider, ReadsVariables):
            raise InvalidRequest(f"{provider.name} accounts are not read from variables.")
        result = await provider.account_from_variables(_own(provider, variables))
        return await self._keep(provider, result)

    async def _keep(self, provider: Provider, result: SignInResult) -> Account:
        """One that is signed in here already stays as it is: ours is renewed by us alone."""
        known = self._accounts.same_person(provider.id, result.server, result.identity)
        if known is not None and isinstance(known.state, SignedIn):
            return known
        imported = replace(result, credential=replace(result.credential, imported=True))
        return await self._completion.keep(provider, imported)

    def _is_known(self, provider: Provider, found: FoundAccount) -> bool:
        try:
            url = canonical(found.server_url)
        except InvalidRequest:
            return False
        return any(
            account.provider == provider.id
            and account.server.answers_to(url)
            and account.identity.label.casefold() == found.label.casefold()
            for account in self._accounts.all()
        )


def _own(provider: ReadsVariables, variables: Mapping[str, Secret]) -> dict[str, Secret]:
    return {name: variables[name] for name in provider.variable_names if name in variables}
