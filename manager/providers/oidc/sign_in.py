"""One authorization request of this kind, from its making to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.core.account import Identity, Server
from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.errors import ProviderError, SignInExpired
from manager.core.provider import SignInResult
from manager.core.secret import Secret
from manager.oauth.authorization_response import ExpectedAnswer, authorization_code
from manager.oauth.client_authentication import AuthenticationMethod
from manager.oauth.id_token import ExpectedIdToken
from manager.oauth.metadata import AuthorizationServerMetadata
from manager.oauth.pkce import ProofKey
from manager.oauth.token_endpoint import TokenResponse, authorization_code_request
from manager.providers.authorization_server import AuthorizationServer

from .identification import Identification
from .scope_choice import expects_id_token
from .signing_keys import SigningKeys


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was asked, and what must come back unchanged."""

    server: Server
    metadata: AuthorizationServerMetadata
    client: ClientRegistration
    method: AuthenticationMethod
    scopes: tuple[str, ...]
    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    proof: ProofKey = field(repr=False)
    resource: str | None = None


class OpenIdSignIn:
    """PendingAuthorization of this provider: one request, one answer, one use of its code."""

    def __init__(
        self,
        prepared: Preparation,
        authorization_url: str,
        endpoints: AuthorizationServer,
        signing_keys: SigningKeys,
        identification: Identification,
    ) -> None:
        self._prepared = prepared
        self._authorization_url = authorization_url
        self._endpoints = endpoints
        self._signing_keys = signing_keys
        self._identification = identification
        self._spent = False

    @property
    def authorization_url(self) -> str:
        return self._authorization_url

    @property
    def redirect_uri(self) -> str:
        return self._prepared.redirect_uri

    @property
    def state(self) -> str | None:
        return self._prepared.state

    @property
    def tries(self) -> int:
        return 1

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """Exchange the answer's code and find out who signed in.

        Raises SignInDenied, InvalidRequest, SignInExpired (a second answer), ProviderError,
        ServerUnreachable, RateLimited.
        """
        prepared = self._prepared
        code = authorization_code(
            parameters,
            ExpectedAnswer(prepared.state, prepared.metadata.issuer, prepared.metadata.sends_iss),
        )
        if self._spent:
            raise SignInExpired("This sign-in has already been answered.")
        self._spent = True
        response = await self._endpoints.redeem(
            prepared.metadata.token_endpoint,
            authorization_code_request(
                code,
                redirect_uri=prepared.redirect_uri,
                verifier=prepared.proof.verifier,
                client=prepared.client,
                method=prepared.method,
                resource=prepared.resource,
            ),
            scopes=prepared.scopes,
        )
        identity = await self._identity(response)
        return SignInResult(
            server=prepared.server,
            identity=identity,
            credential=self._credential(response),
            scopes=response.scopes,
        )

    async def _identity(self, response: TokenResponse) -> Identity:
        return await self._identification.identity(
            self._prepared.server,
            response.access_token,
            claims=await self._claims(response),
            userinfo_endpoint=self._prepared.metadata.userinfo_endpoint,
        )

    async def _claims(self, response: TokenResponse) -> dict[str, Any] | None:
        if response.id_token is None:
            if expects_id_token(response.scopes) and expects_id_token(self._prepared.scopes):
                raise ProviderError("The server granted “openid” but sent no ID token.")
            return None
        if not expects_id_token(self._prepared.scopes):
            return None  # not asked for, so no nonce binds it to this sign-in
        return await self._checked(response.id_token, response.access_token)

    async def _checked(self, id_token: Secret, access_token: Secret) -> dict[str, Any]:
        metadata = self._prepared.metadata
        if metadata.jwks_uri is None:
            raise ProviderError("The server publishes no keys to check its ID token with.")
        expected = ExpectedIdToken(
            issuer=metadata.issuer,
            client_id=self._prepared.client.client_id,
            nonce=self._prepared.nonce,
            algorithms=metadata.id_token_algorithms,
        )
        return await self._signing_keys.claims(id_token, access_token, metadata.jwks_uri, expected)

    def _credential(self, response: TokenResponse) -> OAuthTokens:
        prepared = self._prepared
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
