"""What a provider is given: every door that it may use, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from manager.core.catalogue import Catalogue
from manager.core.ports import Clock, ForeignKeychain, Randomness
from manager.core.provider import Provider

from .http_client import HttpClient

ENTRY_POINTS = "manager.providers"
"""The group of entry points; each names a ProviderFactory, by the provider's id."""


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """`catalogue`: servers that somebody described. `environ`: the variables of the agent's own
    process that name folders (`HOME`, `XDG_*`, ...). `foreign_keychain`: items that other programs
    keep in the keychain. `data`: a folder of this provider's own, owner-only, made when needed."""

    http: HttpClient
    clock: Clock
    randomness: Randomness
    catalogue: Catalogue
    environ: Mapping[str, str]
    foreign_keychain: ForeignKeychain
    data: Path


class ProviderFactory(Protocol):
    """What an entry point names. A truthy attribute `is_generic` of the provider that it makes
    says that others know the same servers better: their answer to a probe counts more."""

    def __call__(self, context: ProviderContext) -> Provider: ...
