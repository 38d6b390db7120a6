"""Sign-out: forget the account here in any case, and end its credentials at the server."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError, TimeHelps

from .accounts import AccountsService
from .holdings import Holding
from .provider_registry import ProviderRegistry
from .retirement import Retirement
from .single_flight import SingleFlight

_log = logging.getLogger(__name__)
_PATIENCE = 15.0
_LAST_REFRESH = 5.0
UNREACHABLE = "unreachable"


class SignOut:
    """`departures`: a flight of its own, so that a caller who leaves does not stop halfway."""

    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        retirement: Retirement,
        flights: SingleFlight[Credential],
        departures: SingleFlight[bool | str],
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._retirement = retirement
        self._flights = flights
        self._departures = departures

    async def remove(self, account_id: str, *, revoke: bool = True) -> bool | str:
        """Forget the account. Returns whether the server ended its credentials: True, False, or
        `"unreachable"`.

        It goes here first: nobody gets a token that is about to end, and what a refresh under way
        still brings is dropped and revoked by the refresh itself. Raises AccountNotFound,
        StorageUnavailable.
        """
        return await self._departures.join(account_id, lambda: self._leave(account_id, revoke))

    async def _leave(self, account_id: str, revoke: bool) -> bool | str:
        holding = self._accounts.holding(account_id)
        if revoke:
            try:
                await self._accounts.credential(account_id)
            except AccountManagerError as failure:
                _log.warning("sign-out without revocation: %s", type(failure).__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_REFRESH):
                await self._flights.settled(account_id)
        account = await self._accounts.remove(account_id)
        try:
            return await self._revoked(account, holding) if revoke else False
        finally:
            await self._retirement.forget(account)

    async def _revoked(self, account: Account, holding: Holding) -> bool | str:
        """What the account held in its last moment, an answer that no disk took included. What was
        imported stays: the program that it came from still uses it."""
        held = [holding.credential, holding.unsaved[1] if holding.unsaved else None]
        try:
            async with asyncio.timeout(_PATIENCE):
                provider = self._providers.get(account.provider)
                for credential in held:
                    if credential is not None and not credential.imported:
                        await provider.revoke(account.server, credential)
                await self._retirement.end(account)
        except (TimeHelps, TimeoutError):
            return UNREACHABLE
        except AccountManagerError as failure:
            _log.warning("sign-out without revocation: %s", type(failure).__name__)
            return False
        return holding.credential is not None and not any(
            credential is not None and credential.imported for credential in held
        )
