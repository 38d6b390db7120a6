"""The end that every sign-in of this kind has: who it was, and what is kept of the tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from manager.core.account import Identity, Server
from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.errors import AccountManagerError, InvalidRequest, ProviderError, TimeHelps
from manager.core.provider import SignInResult
from manager.core.secret import Secret
from manager.oauth.client_authentication import AuthenticationMethod
from manager.oauth.id_token import ExpectedIdToken
from manager.oauth.metadata import AuthorizationServerMetadata
from manager.oauth.token_endpoint import TokenResponse

from .identification import Identification
from .registrations import Registrations
from .scope_choice import expects_id_token
from .signing_keys import SigningKeys


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was asked, and of whom."""

    server: Server
    metadata: AuthorizationServerMetadata
    client: ClientRegistration
    method: AuthenticationMethod
    scopes: tuple[str, ...]
    resource: str | None = None


class Ending:
    def __init__(
        self,
        prepared: Preparation,
        signing_keys: SigningKeys,
        identification: Identification,
        registrations: Registrations,
    ) -> None:
        self.prepared = prepared
        self._signing_keys = signing_keys
        self._identification = identification
        self._registrations = registrations

    @asynccontextmanager
    async def registration_at_stake(self) -> AsyncIterator[None]:
        """What ends the sign-in in here for good may end a registration made for it. An answer that
        belongs to another sign-in, and trouble that time helps, do not."""
        try:
            yield
        except (InvalidRequest, TimeHelps):
            raise
        except AccountManagerError:
            await self._registrations.failed(self.prepared.metadata.issuer, self.prepared.client)
            raise

    async def result(self, response: TokenResponse, *, nonce: str | None) -> SignInResult:
        """`nonce`: the one that was sent through the browser; None where none was (RFC 8628).

        Raises ProviderError, ServerUnreachable, RateLimited.
        """
        prepared = self.prepared
        identity = await self._identity(response, nonce)
        self._registrations.succeeded(prepared.metadata.issuer, prepared.client)
        return SignInResult(
            server=prepared.server,
            identity=identity,
            credential=self._credential(response),
            scopes=response.scopes,
        )

    async def _identity(self, response: TokenResponse, nonce: str | None) -> Identity:
        return await self._identification.identity(
            self.prepared.server,
            response.access_token,
            claims=await self._claims(response, nonce),
            userinfo_endpoint=self.prepared.metadata.userinfo_endpoint,
        )

    async def _claims(self, response: TokenResponse, nonce: str | None) -> dict[str, Any] | None:
        if response.id_token is None:
            if expects_id_token(response.scopes) and expects_id_token(self.prepared.scopes):
                raise ProviderError("The server granted “openid” but sent no ID token.")
            return None
        if not expects_id_token(self.prepared.scopes):
            return None  # not asked for, so no nonce binds it to this sign-in
        return await self._checked(response.id_token, response.access_token, nonce)

    async def _checked(
        self, id_token: Secret, access_token: Secret, nonce: str | None
    ) -> dict[str, Any]:
        metadata = self.prepared.metadata
        if metadata.jwks_uri is None:
            raise ProviderError("The server publishes no keys to check its ID token with.")
        expected = ExpectedIdToken(
            issuer=metadata.issuer,
            client_id=self.prepared.client.client_id,
            nonce=nonce,
            algorithms=metadata.id_token_algorithms,
        )
        return await self._signing_keys.claims(id_token, access_token, metadata.jwks_uri, expected)

    def _credential(self, response: TokenResponse) -> OAuthTokens:
        prepared = self.prepared
        return OAuthTokens(
            access_token=response.access_token,
            token_type=response.token_type,
            validity=response.validity,
            token_endpoint=prepared.metadata.token_endpoint,
            client=prepared.client,
            refresh_token=response.refresh_token,
            scopes=response.scopes,
            revocation_endpoint=prepared.metadata.revocation_endpoint,
            resource=prepared.resource,
        )
