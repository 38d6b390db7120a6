"""The end of a sign-in, whatever its method: what the server gave becomes a stored account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from manager.core.account import Account, Identity
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError, IdentityMismatch, SignInExpired
from manager.core.ports import Clock, Randomness
from manager.core.provider import Provider, SignInResult

from .accounts import AccountsService
from .pending_sign_in import PendingSignIn
from .single_flight import SingleFlight

_log = logging.getLogger(__name__)


class SignInCompletion:
    def __init__(
        self,
        accounts: AccountsService,
        flights: SingleFlight[Credential],
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._accounts = accounts
        self._flights = flights
        self._clock = clock
        self._randomness = randomness
        self._adding = asyncio.Lock()

    async def finish(self, pending: PendingSignIn, result: SignInResult) -> Account:
        """Keep what came of a sign-in; one that was cancelled meanwhile is undone at the server."""
        target = pending.target
        return await self.keep(
            target.provider,
            result,
            renewing=target.renewing,
            wanted=lambda: not pending.ended.done(),
        )

    async def keep(
        self,
        provider: Provider,
        result: SignInResult,
        *,
        renewing: Account | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Account:
        """Make an account of it.

        The same person (and the same key, where it is one) at the same server is the same account:
        its credential is replaced. Where one account was to be renewed, another person's sign-in is
        undone at the server and refused. What cannot be stored is undone at the server too.
        """
        try:
            if not wanted():
                raise SignInExpired("The sign-in was over before the server answered.")
            return await self._keep(provider, result, renewing)
        except AccountManagerError:
            await self._undo(provider, result)
            raise

    async def _keep(
        self, provider: Provider, result: SignInResult, renewing: Account | None
    ) -> Account:
        async with self._adding:
            known = self._known(provider, result, renewing)
            if known is None:
                account = Account(
                    id=new_account_id(self._randomness),
                    provider=provider.id,
                    server=result.server,
                    identity=result.identity,
                    scopes=result.scopes,
                    capabilities=result.capabilities,
                    roles=result.roles,
                )
                return await self._accounts.add(account, result.credential)
        # As a flight of the account's own: no refresh begins with the credential that goes.
        await self._flights.follow(known.id, lambda: self._renew(known.id, result))
        return self._accounts.holding(known.id).account

    async def _renew(self, account_id: str, result: SignInResult) -> Credential:
        retire_at = None
        if result.retire_after is not None and not await self._is_imported(account_id):
            retire_at = self._clock.now().wall + result.retire_after
        current = self._accounts.holding(account_id).account  # a lost key has just changed it
        identity = (
            result.identity
            if result.identity.is_known
            else replace(current.identity, key=result.identity.key)
        )
        has_moved = current.server.moved_from == result.server.url  # an old address was named
        renewed = replace(
            current,
            server=current.server if has_moved else result.server,
            identity=identity,
            scopes=result.scopes,
            capabilities=result.capabilities,
            roles=result.roles,
        )
        await self._accounts.replace(renewed, result.credential, retire_at=retire_at)
        return result.credential

    async def _is_imported(self, account_id: str) -> bool:
        """Whether what goes came from another program, which still uses it."""
        try:
            return (await self._accounts.credential(account_id)).imported
        except AccountManagerError:  # lost: then nobody can revoke it later either
            return False

    def _known(
        self, provider: Provider, result: SignInResult, expected: Account | None
    ) -> Account | None:
        """The account that this sign-in belongs to. Raises IdentityMismatch.

        A key never takes the place of the sign-in of the same person, nor the reverse; signing in
        again for a key may bring a new one. Where the server did not say who signed in the first
        time, the person's word counts: it is the account that they are signing in to again.
        """
        came = result.identity
        same = self._accounts.same_person(provider.id, result.server, came)
        if expected is None or (same is not None and same.id == expected.id):
            return same
        before = expected.identity
        if bool(before.key) != bool(came.key):
            raise IdentityMismatch(
                f"{before.label} was signed in by {_kind(before)}, but {_kind(came)} came.",
                hint="Sign in again the same way, or add the other as an account of its own.",
            )
        if before.key and same is not None:
            raise IdentityMismatch(
                f"This key already is another account of {came.label}.",
                hint="Give another key, or remove one of the two accounts.",
            )
        if not before.key and before.subject == came.subject:
            return same
        if same is None and (before.subject == came.subject or _is_nameless(before)):
            return self._accounts.holding(expected.id).account
        raise IdentityMismatch(
            f"{came.label} signed in, but {before.label} was expected.",
            hint=f"Sign out in the browser, then sign in as {before.label}.",
        )

    async def _undo(self, provider: Provider, result: SignInResult) -> None:
        """A key that the person pasted is theirs, and what another program still uses is not ours:
        both are left alone."""
        if result.identity.key or result.credential.imported:
            return
        try:
            await provider.revoke(result.server, result.credential)
        except AccountManagerError as failure:
            _log.warning("an unwanted sign-in was not revoked: %s", type(failure).__name__)


def _is_nameless(identity: Identity) -> bool:
    """Whether its server kept to itself who signed in, or named nothing but the key."""
    return not identity.is_known or identity.subject == identity.key


def _kind(identity: Identity) -> str:
    return "a key" if identity.key else "a sign-in"


def new_account_id(randomness: Randomness) -> str:
    """Never with a dash: at the start of a word a command line takes it for an option."""
    return randomness.token(16).replace("-", "_")
