"""The end of a sign-in: the code becomes a stored account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError, IdentityMismatch, SignInExpired
from manager.core.ports import Clock, Randomness
from manager.core.provider import SignInResult

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

    async def finish(self, pending: PendingSignIn, parameters: Mapping[str, str]) -> Account:
        """Redeem the answer and keep what comes of it.

        The same person at the same server is the same account: its credential is replaced. Where
        one account was to be renewed, another person's sign-in is undone at the server and
        refused. What cannot be stored, or was cancelled meanwhile, is undone at the server too.
        """
        result = await pending.authorization.redeem(parameters)
        try:
            if pending.ended.done():
                raise SignInExpired("The sign-in was over before the server answered.")
            return await self._keep(pending, result)
        except AccountManagerError:
            await self._undo(pending, result)
            raise

    async def _keep(self, pending: PendingSignIn, result: SignInResult) -> Account:
        async with self._adding:
            known = self._known(pending, result)
            if known is None:
                account = Account(
                    id=new_account_id(self._randomness),
                    provider=pending.provider.id,
                    server=result.server,
                    identity=result.identity,
                    scopes=result.scopes,
                    capabilities=result.capabilities,
                )
                return await self._accounts.add(account, result.credential)
        # As a flight of the account's own: no refresh begins with the credential that goes.
        await self._flights.follow(known.id, lambda: self._renew(known.id, result))
        return self._accounts.holding(known.id).account

    async def _renew(self, account_id: str, result: SignInResult) -> Credential:
        current = self._accounts.holding(account_id).account
        identity = result.identity if result.identity.is_known else current.identity
        renewed = replace(
            current,
            server=result.server,
            identity=identity,
            scopes=result.scopes,
            capabilities=result.capabilities,
        )
        retire_at = (
            None if result.retire_after is None else self._clock.now().wall + result.retire_after
        )
        await self._accounts.replace(renewed, result.credential, retire_at=retire_at)
        return result.credential

    def _known(self, pending: PendingSignIn, result: SignInResult) -> Account | None:
        """The account that this sign-in belongs to. Raises IdentityMismatch.

        Where the server did not say who signed in the first time, the person's word counts: it is
        the account that they are signing in to again.
        """
        came, expected = result.identity, pending.renewing
        same = self._accounts.same_person(pending.provider.id, result.server.url, came.subject)
        if expected is None or expected.identity.subject == came.subject:
            return same
        if same is None and not expected.identity.is_known:
            return self._accounts.holding(expected.id).account
        raise IdentityMismatch(
            f"{came.label} signed in, but {expected.identity.label} was expected.",
            hint=f"Sign out in the browser, then sign in as {expected.identity.label}.",
        )

    async def _undo(self, pending: PendingSignIn, result: SignInResult) -> None:
        try:
            await pending.provider.revoke(result.server, result.credential)
        except AccountManagerError as failure:
            _log.warning("an unwanted sign-in was not revoked: %s", type(failure).__name__)


def new_account_id(randomness: Randomness) -> str:
    """Never with a dash: at the start of a word a command line takes it for an option."""
    return randomness.token(16).replace("-", "_")
