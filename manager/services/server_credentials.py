"""The keys, tokens and authorised programs that a server keeps for the person of an account."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    InvalidRequest,
    ScopeNotGranted,
    SignInRequired,
)
from manager.core.provider import Provider
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ManagesCredentials,
    ServerCredential,
)
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm, checked_values

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .sign_in_completion import SignInCompletion
from .tokens import TokensService
from .verification import Verification

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Created:
    """`secret` is to be shown once; None where the credential was kept as `account` instead."""

    credential: ServerCredential
    secret: Secret | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """An account whose server is asked."""

    account: Account
    provider: Provider
    manages: ManagesCredentials


class ServerCredentialsService:
    """Nothing of it is stored here; the server is asked each time. All methods raise
    AccountNotFound, SignInRequired, ScopeNotGranted (naming what is missing), InvalidRequest,
    ServerUnreachable, RateLimited, ProviderError and the keychain's errors."""

    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        tokens: TokensService,
        verification: Verification,
        completion: SignInCompletion,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._tokens = tokens
        self._verification = verification
        self._completion = completion

    async def kinds(self, account_id: str) -> Sequence[CredentialKind]:
        """What the server can keep, also what this account may not use (then with the reason)."""
        asked = self._asked(account_id)
        credential = await self._accounts.credential(account_id)
        return asked.manages.credential_kinds(asked.account.server, credential)

    async def list(self, account_id: str, kind: str) -> Sequence[ServerCredential]:
        asked = self._asked(account_id)
        await self._kind(asked, kind)
        return await self._with_credential(
            asked,
            lambda held: asked.manages.list_credentials(asked.account.server, held, kind),
        )

    async def create(
        self, account_id: str, kind: str, values: Mapping[str, str], *, keep: bool = False
    ) -> Created:
        """Make one. `values`: by the names of the kind's fields. `keep`: as an account of its own,
        through the same end as a sign-in; its secret is then shown to nobody. What cannot be kept
        is ended at the server; a kind that no account can be made of is shown all the same."""
        asked = self._asked(account_id)
        named = await self._kind(asked, kind)
        if not named.can_create:
            raise InvalidRequest(
                f"{named.label} cannot be made here.", hint="Make it at the server."
            )
        checked = checked_values(SignInForm(named.id, named.label, named.fields), values)
        account = asked.account
        created = await self._with_credential(
            asked,
            lambda held: asked.manages.create_credential(
                account.server, account.identity, held, kind, checked
            ),
        )
        if not keep or created.sign_in is None:
            return Created(created.credential, created.secret)
        return await self._kept(asked, kind, created)

    async def revoke(self, account_id: str, kind: str, credential_id: str) -> None:
        asked = self._asked(account_id)
        named = await self._kind(asked, kind)
        if not named.can_revoke:
            raise InvalidRequest(
                f"{named.label} cannot be revoked here.", hint="Revoke it at the server."
            )
        await self._with_credential(
            asked,
            lambda held: asked.manages.revoke_credential(
                asked.account.server, held, kind, credential_id
            ),
        )

    def _asked(self, account_id: str) -> _Asked:
        account = self._accounts.holding(account_id).account
        provider = self._providers.get(account.provider)
        if not isinstance(provider, ManagesCredentials):
            raise InvalidRequest(
                f"Keys of {provider.name} accounts cannot be seen from here.",
                hint="Look at the server's own pages.",
            )
        return _Asked(account, provider, provider)

    async def _kind(self, asked: _Asked, kind: str) -> CredentialKind:
        kinds = await self.kinds(asked.account.id)
        for each in kinds:
            if each.id == kind:
                if each.unavailable:
                    raise ScopeNotGranted(each.unavailable)
                return each
        known = ", ".join(each.id for each in kinds)
        raise InvalidRequest(f"There is no kind {kind[:40]!r} here.", hint=f"Known: {known}.")

    async def _with_credential(
        self, asked: _Asked, ask: Callable[[Credential], Awaitable[_Result]]
    ) -> _Result:
        """One question; once more with what a renewal brings, where the server refused the first
        as not signed in: a request so refused was not carried out."""
        account_id = asked.account.id
        held = await self._tokens.current(account_id)
        try:
            return await ask(held)
        except CredentialsRefused:
            verdict = await self._verification.verify(account_id)
            if not verdict.signed_in:
                raise SignInRequired(verdict.message) from None
            renewed = await self._accounts.credential(account_id)
            if renewed == held:
                raise
        try:
            return await ask(renewed)
        except CredentialsRefused as failure:
            raise SignInRequired(failure.message) from None

    async def _kept(self, asked: _Asked, kind: str, created: CreatedCredential) -> Created:
        assert created.sign_in is not None
        try:
            account = await self._completion.keep(asked.provider, created.sign_in)
        except AccountManagerError:
            await self._end(asked, kind, created)
            raise
        return Created(created.credential, account=account)

    async def _end(self, asked: _Asked, kind: str, created: CreatedCredential) -> None:
        """Nobody will ever see its secret: it must not live on."""
        try:
            held = await self._tokens.current(asked.account.id)
            await asked.manages.revoke_credential(
                asked.account.server, held, kind, created.credential.id
            )
        except AccountManagerError as failure:
            _log.warning("a new credential was not revoked: %s", type(failure).__name__)
