"""One refresh from end to end: mark, send, store, only then release.

The order is what makes a rotation safe at any point of a crash: a durable mark says that the
stored refresh token is about to be sent; the answer replaces credential and mark in one
transaction; nobody gets the new token before that. A mark that is found without an answer means
that an answer was lost: the stored token is then sent once more, which servers with a grace window
accept, and a refusal is called uncertain.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from manager.core.account import Account
from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.credential import Credential, OAuthTokens, renewal_of
from manager.core.errors import (
    AccountManagerError,
    AccountNotFound,
    AnswerLost,
    ProviderError,
    RefreshRefused,
    SignInRequired,
    StorageUnavailable,
    TimeHelps,
)
from manager.core.ports import AccountStore, Clock
from manager.core.provider import Provider, Refreshed

from .accounts import AccountsService
from .holdings import Holding, LastAttempt
from .provider_registry import ProviderRegistry
from .server_gate import ServerGate

_log = logging.getLogger(__name__)
_PAUSE_BEFORE_RESEND = 0.2


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a refresh set out with; its result counts only while this still stands."""

    account: Account
    credential: Credential
    provider: Provider


class Refreshing:
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

    async def refresh(self, account_id: str) -> Credential:
        """Renew the account's credential and return it, stored.

        Raises SignInRequired (final), TimeHelps kinds, ProviderError, StorageUnavailable and the
        keychain's errors. Call it through a single flight only.
        """
        holding = self._accounts.holding(account_id)
        try:
            return await self._renew(holding)
        except Exception as failure:
            # Whatever it was, the next attempt waits its turn: nothing here may spin.
            self._note_failure(holding, failure)
            raise

    async def _renew(self, holding: Holding) -> Credential:
        if holding.unsaved is not None:
            return await self._save(holding)
        credential = await self._accounts.credential(holding.account.id)
        account = holding.account
        if not renewal_of(credential).by_itself:
            await self._accounts.need_attention(account, AttentionReason.NOT_RENEWABLE)
            raise _sign_in_required(account)
        attempt = _Attempt(account, credential, self._providers.get(account.provider))
        async with self._gate.passing(account.server.url):
            refreshed = await self._send(holding, attempt)
        return await self._keep(attempt, refreshed)

    async def _send(self, holding: Holding, attempt: _Attempt) -> Refreshed:
        """Send what renews; once more where its answer was lost."""
        account_id = attempt.account.id
        uncertain = await self._store.refresh_marked(account_id)
        await self._store.mark_refresh(account_id)  # a second time too: it also makes room
        try:
            try:
                return await self._ask(attempt)
            except AnswerLost:
                uncertain = True
                self._accounts.note_attempt(holding, LastAttempt.UNCERTAIN)
                await self._clock.sleep(_PAUSE_BEFORE_RESEND)
                return await self._ask(attempt)
        except RefreshRefused:
            reason = (
                AttentionReason.REFRESH_UNCERTAIN if uncertain else AttentionReason.REFRESH_REFUSED
            )
            await self._accounts.need_attention(attempt.account, reason)
            raise _sign_in_required(attempt.account) from None
        except AnswerLost:
            raise  # the mark stays: the next try knows that this one may have been heard
        except AccountManagerError:
            if not uncertain:
                with suppress(StorageUnavailable):  # a mark too many only makes a refusal uncertain
                    await self._store.clear_refresh_mark(account_id)
            raise

    async def _ask(self, attempt: _Attempt) -> Refreshed:
        account = attempt.account
        return await attempt.provider.refresh(account.server, account.identity, attempt.credential)

    async def _keep(self, attempt: _Attempt, refreshed: Refreshed) -> Credential:
        account = attempt.account
        try:
            holding = self._accounts.holding(account.id)
        except AccountNotFound:
            # Signed out meanwhile: what just came must not live on at the server.
            await self._drop(account, refreshed.credential)
            raise
        if holding.account.revision != account.revision:
            await self._drop(account, refreshed.credential)
            if holding.credential is None or isinstance(holding.account.state, AttentionNeeded):
                raise _sign_in_required(account)
            return holding.credential
        retire_at = (
            None
            if refreshed.retire_after is None
            else self._clock.now().wall + refreshed.retire_after
        )
        scopes = refreshed.credential.scopes  # as granted this time
        if scopes or isinstance(refreshed.credential, OAuthTokens):  # a session may name none
            account = replace(account, scopes=scopes)
        holding.unsaved = (account, refreshed.credential, retire_at)
        return await self._save(holding)

    async def _save(self, holding: Holding) -> Credential:
        """Store what the server gave. Where the disk refuses, it is kept in memory, nobody gets
        it, and the next request or tick tries to store it again without asking the server."""
        assert holding.unsaved is not None
        account, credential, retire_at = holding.unsaved
        try:
            await self._accounts.replace(account, credential, retire_at=retire_at)
        except AccountNotFound:
            holding.unsaved = None
            await self._drop(account, credential)
            raise
        except StorageUnavailable:
            self._accounts.announce(holding)  # the scheduler plans the next try
            raise
        return credential

    async def _drop(self, account: Account, credential: Credential) -> None:
        if credential.imported:
            return
        try:
            await self._providers.get(account.provider).revoke(account.server, credential)
        except AccountManagerError as failure:
            _log.warning("a dropped credential was not revoked: %s", type(failure).__name__)

    def _note_failure(self, holding: Holding, failure: Exception) -> None:
        if not isinstance(failure, AccountManagerError):
            failure = ProviderError("Account Manager could not renew this sign-in.")
        holding.note_failure(failure, self._clock.now().boot)
        if isinstance(failure, AnswerLost):
            self._accounts.note_attempt(holding, LastAttempt.UNCERTAIN)
        elif isinstance(failure, TimeHelps):
            self._accounts.note_attempt(holding, LastAttempt.UNREACHABLE)


def _sign_in_required(account: Account) -> SignInRequired:
    return SignInRequired(
        f"{account.identity.label} has to sign in again at {account.server.name}."
    )
