"""Any OpenID Connect or OAuth 2 server that publishes its metadata."""

from .provider import OidcProvider

__all__ = ["OidcProvider"]
