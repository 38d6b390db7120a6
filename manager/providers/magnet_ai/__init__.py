"""Magnet AI servers, in three dialects that have nothing in common but the name."""

from manager.core.provider import Provider
from manager.providers.context import ProviderContext

from .provider import MagnetAiProvider

__all__ = ["MagnetAiProvider", "open_provider"]


def open_provider(context: ProviderContext) -> Provider:
    """What this package's entry point names."""
    return MagnetAiProvider(context.http, context.clock)
