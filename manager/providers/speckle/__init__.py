"""Speckle servers: a dialect of OAuth of their own, without state, expiry or rotation."""

from manager.core.provider import Provider
from manager.providers.context import ProviderContext

from .provider import SpeckleProvider

__all__ = ["SpeckleProvider", "open_provider"]


def open_provider(context: ProviderContext) -> Provider:
    """What this package's entry point names."""
    return SpeckleProvider(
        context.http, context.clock, context.randomness, context.environ, context.data
    )
