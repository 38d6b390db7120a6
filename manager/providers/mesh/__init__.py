"""Mesh backends: Auth0 behind a backend that exchanges codes and renews (mesh-sdk 1.5)."""

from manager.core.provider import Provider
from manager.providers.context import ProviderContext

from .provider import MeshProvider

__all__ = ["MeshProvider", "open_provider"]


def open_provider(context: ProviderContext) -> Provider:
    """What this package's entry point names."""
    return MeshProvider(context)
