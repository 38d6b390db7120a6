"""Ending tokens at the server (RFC 7009)."""

from __future__ import annotations

from manager.core.credential import OAuthTokens

from .client_authentication import AuthenticationMethod, client_authentication
from .token_endpoint import TokenRequest


def revocation_requests(tokens: OAuthTokens, method: AuthenticationMethod) -> list[TokenRequest]:
    """The requests to send, in this order: the refresh token, which usually ends its access tokens
    too, then the access token (section 2.1)."""
    authentication = client_authentication(tokens.client, method)
    ended = [(tokens.refresh_token, "refresh_token"), (tokens.access_token, "access_token")]
    return [
        TokenRequest(
            {"Accept": "application/json", **authentication.headers},
            {"token": token.reveal(), "token_type_hint": hint, **authentication.form},
        )
        for token, hint in ended
        if token
    ]
