"""Any OpenID Connect or OAuth 2 server that publishes its metadata."""

from manager.core.provider import Provider
from manager.providers.context import ProviderContext

from .provider import OidcProvider

__all__ = ["OidcProvider", "open_provider"]


def open_provider(context: ProviderContext) -> Provider:
    """What this package's entry point names."""
    return OidcProvider(context.http, context.clock, context.randomness, context.catalogue)
