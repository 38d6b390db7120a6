"""The token that an account's requests carry, whichever way it came."""

from __future__ import annotations

from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import ProviderError
from manager.core.secret import Secret


def presented_token(credential: Credential) -> Secret:
    """Raises ProviderError for a credential of another kind of server."""
    if isinstance(credential, OAuthTokens):
        return credential.access_token
    if isinstance(credential, ApiKey):
        return credential.key
    raise ProviderError("This account does not hold a sign-in of Speckle.")


def granted_scopes(credential: Credential) -> tuple[str, ...]:
    return credential.scopes if isinstance(credential, OAuthTokens | ApiKey) else ()


def oauth_tokens(credential: Credential) -> OAuthTokens:
    """Raises ProviderError for everything that did not come through the browser."""
    if not isinstance(credential, OAuthTokens):
        raise ProviderError("This account does not hold a sign-in of Speckle.")
    return credential
