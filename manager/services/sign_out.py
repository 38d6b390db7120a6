"""Sign-out: end the credential at the server where it answers, and here in any case."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from manager.core.credential import Credential
from manager.core.errors import AccountManagerError, TimeHelps

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .retirement import Retirement
from .single_flight import SingleFlight

_log = logging.getLogger(__name__)
_PATIENCE = 15.0
_LAST_REFRESH = 5.0
UNREACHABLE = "unreachable"


class SignOut:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        retirement: Retirement,
        flights: SingleFlight[Credential],
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._retirement = retirement
        self._flights = flights

    async def remove(self, account_id: str, *, revoke: bool = True) -> bool | str:
        """Forget the account. Returns whether the server ended its credential: True, False, or
        `"unreachable"`. A refresh under way is waited for, so that what it brings is revoked too.

        Raises AccountNotFound, StorageUnavailable.
        """
        self._accounts.holding(account_id)
        with suppress(TimeoutError):
            # What a slow refresh brings after this is dropped and revoked by the refresh itself.
            async with asyncio.timeout(_LAST_REFRESH):
                await self._flights.settled(account_id)
        revoked: bool | str = False
        if revoke:
            revoked = await self._revoke(account_id)
        await self._accounts.remove(account_id)
        return revoked

    async def _revoke(self, account_id: str) -> bool | str:
        account = self._accounts.holding(account_id).account
        try:
            async with asyncio.timeout(_PATIENCE):
                credential = await self._accounts.credential(account_id)
                provider = self._providers.get(account.provider)
                await provider.revoke(account.server, credential)
                await self._retirement.of_account(account)
        except (TimeHelps, TimeoutError):
            return UNREACHABLE
        except AccountManagerError as failure:
            _log.warning("sign-out without revocation: %s", type(failure).__name__)
            return False
        return True
