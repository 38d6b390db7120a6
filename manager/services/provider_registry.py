"""Which kinds of server this program knows, and which of them stands at an address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from manager.core.catalogue import Catalogue
from manager.core.errors import AccountManagerError, InvalidRequest, ServerUnreachable
from manager.core.provider import Provider, ServerProbe
from manager.core.provider_abilities import HasDialects


class ProviderRegistry:
    """Providers by id, in order of preference: the most particular first, the generic one last.
    `load` is called at first need: an agent that has just started answers from what it has stored,
    without any. `catalogue`: servers that somebody described, with their kind and dialect."""

    def __init__(
        self, load: Callable[[], Iterable[Provider]], catalogue: Catalogue = lambda _: None
    ) -> None:
        self._load = load
        self._catalogue = catalogue

    @cached_property
    def _providers(self) -> dict[str, Provider]:
        return {provider.id: provider for provider in self._load()}

    def all(self) -> Sequence[Provider]:
        return tuple(self._providers.values())

    def get(self, provider_id: str) -> Provider:
        """Raises InvalidRequest for an id that is not installed."""
        provider = self._providers.get(provider_id)
        if provider is None:
            known = ", ".join(sorted(self._providers))
            raise InvalidRequest(
                f"There is no provider {provider_id[:40]!r} here.", hint=f"Known: {known}."
            )
        return provider

    async def probe(
        self, url: str, provider_id: str | None = None, dialect: str | None = None
    ) -> ServerProbe:
        """What stands at a canonical address: all are asked at once, the first in order wins.
        A dialect that is named, or that the catalogue names, is not probed for.

        Raises ServerUnreachable when nobody could reach it, InvalidRequest when everybody did and
        nobody knows the answer.
        """
        preset = self._catalogue(url)
        described = preset is not None and provider_id in (None, preset.provider)
        if preset is not None and described and preset.dialect and not dialect:
            provider_id, dialect = preset.provider, preset.dialect
        asked = [self.get(provider_id)] if provider_id else list(self._providers.values())
        if dialect:
            asked = self._speaking(asked, dialect)
        answers = await asyncio.gather(
            *(_probe(provider, url, dialect) for provider in asked), return_exceptions=True
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
        raise _nobody_knows(asked, url, named=provider_id is not None)

    def _speaking(self, asked: Iterable[Provider], dialect: str) -> list[Provider]:
        dialects = {
            provider.id: provider.dialects
            for provider in asked
            if isinstance(provider, HasDialects)
        }
        speaking = [self.get(each) for each, known in dialects.items() if dialect in known]
        if not speaking:
            known = ", ".join(name for each in dialects.values() for name in each)
            raise InvalidRequest(
                f"There is no dialect {dialect[:40]!r} here.", hint=f"Known: {known or 'none'}."
            )
        return speaking


async def _probe(provider: Provider, url: str, dialect: str | None) -> ServerProbe | None:
    if dialect and isinstance(provider, HasDialects):
        return await provider.probe_dialect(url, dialect)
    return await provider.probe(url)


def _nobody_knows(asked: Iterable[Provider], url: str, *, named: bool) -> InvalidRequest:
    tried = ", ".join(provider.name for provider in asked)
    if named:
        return InvalidRequest(
            f"{url} does not answer as {tried} does.",
            hint="Check the address, or leave the provider out so that every kind is tried.",
        )
    return InvalidRequest(
        f"{url} is no kind of server that Account Manager knows. Tried: {tried}.",
        hint="Check the address. For a kind that cannot be recognised, name it (`--provider`); "
        "an OpenID Connect server must publish its metadata there, and may need a client id "
        "(`--client-id`).",
    )
