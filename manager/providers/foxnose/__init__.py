"""FoxNose: a person's sign-in at the Management API, and the keys of an environment."""

from manager.core.provider import Provider
from manager.providers.context import ProviderContext

from .provider import FoxNoseProvider

__all__ = ["FoxNoseProvider", "open_provider"]


def open_provider(context: ProviderContext) -> Provider:
    """What this package's entry point names."""
    return FoxNoseProvider(context.http, context.clock, context.catalogue)
