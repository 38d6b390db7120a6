"""Renewing a sign-in through the backend that issued it."""

from __future__ import annotations

from dataclasses import replace

from manager.core.credential import OAuthTokens
from manager.core.errors import ProviderError, RefreshRefused

from .access_token import claims_of
from .backend import MeshBackend


async def renewed(backend: MeshBackend, tokens: OAuthTokens) -> OAuthTokens:
    """As the kind of client that it was issued to; a missing new refresh token keeps the old one
    (the SDK loses it). Raises RefreshRefused, AnswerLost, ServerUnreachable, RateLimited,
    ProviderError."""
    if tokens.refresh_token is None:
        raise RefreshRefused("This sign-in cannot be renewed.")
    response = await backend.refresh(
        tokens.token_endpoint,
        tokens.refresh_token,
        "device" if tokens.dialect == "device" else "web",
        tokens.scopes,
        tokens.access_token,
    )
    before = claims_of(tokens.access_token).get("sub")
    if before != claims_of(response.access_token).get("sub", before):
        raise ProviderError("The server renewed the sign-in of somebody else.")
    return replace(
        tokens,
        access_token=response.access_token,
        validity=response.validity,
        refresh_token=response.refresh_token or tokens.refresh_token,
        scopes=response.scopes,
        # A refresh token that nobody else has is ours to end.
        imported=tokens.imported and response.refresh_token in (None, tokens.refresh_token),
    )
