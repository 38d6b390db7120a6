"""Providers by their entry points: ours, and those of others that the person named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from importlib.metadata import EntryPoint, entry_points

from manager.core.provider import Provider
from manager.providers.context import ENTRY_POINTS, ProviderContext

_log = logging.getLogger(__name__)
OURS = "account-manager"


def installed() -> Iterable[EntryPoint]:
    return entry_points(group=ENTRY_POINTS)


def load_providers(
    context_of: Callable[[str], ProviderContext],
    allowed: Collection[str],
    found: Iterable[EntryPoint] | None = None,
) -> list[Provider]:
    """One of each id, the generic ones last. A foreign one is imported only when its id is in
    `allowed`, never takes the id of one of ours, and harms nobody when it cannot be loaded."""
    every = list(installed() if found is None else found)
    ours = {each.name: each for each in every if _is_ours(each)}
    foreign = {each.name: each for each in every if not _is_ours(each) and each.name not in ours}
    providers = [each.load()(context_of(name)) for name, each in sorted(ours.items())]
    for name, each in sorted(foreign.items()):
        if name not in allowed:
            _log.info("provider %s is installed but not named in the settings", name)
            continue
        provider = _foreign(name, each, context_of)
        if provider is not None:
            providers.append(provider)
    return sorted(providers, key=lambda provider: bool(getattr(provider, "is_generic", False)))


def _is_ours(entry_point: EntryPoint) -> bool:
    return entry_point.dist is not None and entry_point.dist.name == OURS


def _foreign(
    name: str, entry_point: EntryPoint, context_of: Callable[[str], ProviderContext]
) -> Provider | None:
    try:
        provider: Provider = entry_point.load()(context_of(name))
    except Exception as failure:  # noqa: BLE001  # somebody else's code
        _log.warning("provider %s cannot be loaded: %s", name, type(failure).__name__)
        return None
    if provider.id != name:
        _log.warning("provider %s calls itself otherwise and is left out", name)
        return None
    return provider
