"""Pictures of people, fetched once and kept for the life of the process."""

from __future__ import annotations

from manager.core.provider import Avatar
from manager.core.provider_abilities import ShowsAvatars

from .accounts import AccountsService
from .provider_registry import ProviderRegistry
from .single_flight import SingleFlight

_MOST = 64


class AvatarsService:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        flights: SingleFlight[Avatar | None],
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._flights = flights
        self._kept: dict[tuple[str, str], Avatar | None] = {}

    async def get(self, account_id: str) -> Avatar | None:
        """The picture, None where there is none. Raises as the provider does."""
        account = self._accounts.holding(account_id).account
        if account.identity.avatar_url is None:
            return None
        key = (account.id, account.identity.avatar_url)
        if key not in self._kept:
            picture = await self._flights.join(key, lambda: self._fetch(account_id))
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = picture
        return self._kept.get(key)

    async def _fetch(self, account_id: str) -> Avatar | None:
        account = self._accounts.holding(account_id).account
        credential = await self._accounts.credential(account_id)
        provider = self._providers.get(account.provider)
        if not isinstance(provider, ShowsAvatars):
            return None
        return await provider.avatar(account.server, account.identity, credential)
