"""The end of a sign-in: the code becomes a stored account."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError, IdentityMismatch
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

    async def finish(self, pending: PendingSignIn, parameters: Mapping[str, str]) -> Account:
        """Redeem the answer and keep what comes of it.

        The same person at the same server is the same account: its credential is replaced. Where
        one account was to be renewed, another person's sign-in is undone at the server and
        refused. What cannot be stored is undone at the server too.
        """
        result = await pending.authorization.redeem(parameters)
        try:
            return await self._keep(pending, result)
        except AccountManagerError:
            await self._undo(pending, result)
            raise

    async def _keep(self, pending: PendingSignIn, result: SignInResult) -> Account:
        expected = pending.renewing
        if expected is not None and expected.identity.subject != result.identity.subject:
            raise IdentityMismatch(
                f"{result.identity.label} signed in, but {expected.identity.label} was expected."
            )
        provider = pending.provider.id
        known = self._accounts.same_person(provider, result.server.url, result.identity.subject)
        if known is None:
            account = Account(
                # Typed on command lines, where a leading "-" makes an option of it.
                id=self._randomness.token(16).replace("-", "_"),
                provider=provider,
                server=result.server,
                identity=result.identity,
                scopes=result.scopes,
                capabilities=result.capabilities,
            )
            return await self._accounts.add(account, result.credential)
        await self._flights.settled(known.id)
        current = self._accounts.holding(known.id).account
        renewed = replace(
            current,
            server=result.server,
            identity=result.identity,
            scopes=result.scopes,
            capabilities=result.capabilities,
        )
        retire_at = (
            None if result.retire_after is None else self._clock.now().wall + result.retire_after
        )
        return await self._accounts.replace(renewed, result.credential, retire_at=retire_at)

    async def _undo(self, pending: PendingSignIn, result: SignInResult) -> None:
        try:
            await pending.provider.revoke(result.server, result.credential)
        except AccountManagerError as failure:
            _log.warning("an unwanted sign-in was not revoked: %s", type(failure).__name__)
