"""Which kinds of server this program knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from manager.core.errors import AccountManagerError, InvalidRequest, ServerUnreachable
from manager.core.provider import Provider, ServerProbe


class ProviderRegistry:
    """Providers by id, in order of preference: the most particular first, the generic one last."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._providers = {provider.id: provider for provider in providers}

    def get(self, provider_id: str) -> Provider:
        """Raises InvalidRequest for an id that is not installed."""
        provider = self._providers.get(provider_id)
        if provider is None:
            known = ", ".join(sorted(self._providers))
            raise InvalidRequest(
                f"There is no provider {provider_id[:40]!r} here.", hint=f"Known: {known}."
            )
        return provider

    async def probe(self, url: str, provider_id: str | None = None) -> ServerProbe:
        """What stands at a canonical address: all are asked at once, the first in order wins.

        Raises ServerUnreachable when nobody could reach it, InvalidRequest when everybody did and
        nobody knows the answer.
        """
        asked = [self.get(provider_id)] if provider_id else list(self._providers.values())
        answers = await asyncio.gather(
            *(provider.probe(url) for provider in asked), return_exceptions=True
        )
        for answer in answers:
            if isinstance(answer, ServerProbe):
                return answer
        unreachable: AccountManagerError | None = None
        for answer in answers:
            if isinstance(answer, ServerUnreachable):
                unreachable = unreachable or answer
            elif isinstance(answer, BaseException):
                raise answer
        if unreachable is not None:
            raise unreachable
        raise InvalidRequest(
            "No kind of server that Account Manager knows answers at this address.",
            hint="Check the address, or name the provider and the client id.",
        )
