"""The dialect `auth0`: the tenant directly, with PKCE, ID token and nonce, by the code that serves
any OpenID Connect server. The backend is asked only which tenant that is and who signed in.

Never chosen by a probe: the tenant must allow this for its client, which only its operator knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from manager.core.account import Identity, Server
from manager.core.credential import OAuthTokens
from manager.core.errors import AccountManagerError, ProviderError, TimeHelps
from manager.core.provider import PendingAuthorization, Refreshed, SignInRequest, SignInResult
from manager.core.server_address import origin
from manager.oauth.bearer import bearer
from manager.oauth.unverified_claims import claims_of
from manager.providers.context import ProviderContext
from manager.providers.oidc.provider import OidcProvider

from .authorization import with_parameters
from .signed_in import SignedIn
from .tenant import SCOPES, Tenant

DIALECT = "auth0"


class DirectAuthorization:
    """PendingAuthorization: that of the tenant, with the API named that the token shall be for."""

    def __init__(
        self, inner: PendingAuthorization, audience: str, signed_in: SignedIn, tenant: Tenant
    ) -> None:
        self._inner = inner
        self._audience = audience
        self._signed_in = signed_in
        self._tenant = tenant

    @property
    def authorization_url(self) -> str:
        """Auth0's own word for RFC 8707's `resource` is `audience`."""
        named = {"audience": self._audience} if self._audience else {}
        return with_parameters(self._inner.authorization_url, named)

    @property
    def redirect_uri(self) -> str:
        return self._inner.redirect_uri

    @property
    def state(self) -> str | None:
        return self._inner.state

    @property
    def tries(self) -> int:
        return self._inner.tries

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """The same person is the same account in both dialects: the backend says who it is."""
        result = await self._inner.redeem(parameters)
        if not isinstance(result.credential, OAuthTokens):
            raise ProviderError("The tenant gave no tokens.")
        credential = replace(result.credential, dialect=DIALECT)
        shown = bearer(credential.access_token)
        hint = {"email": result.identity.label, "name": result.identity.display_name}
        try:
            identity = await self._signed_in.backend.identity(shown, hint)
        except AccountManagerError:
            await self._give_back(credential)
            raise
        return SignInResult(self._signed_in.server, identity, credential, credential.scopes)

    async def _give_back(self, credential: OAuthTokens) -> None:
        try:
            await self._tenant.revoke(credential)
        except (TimeHelps, ProviderError):
            return


class DirectAuth0:
    def __init__(self, context: ProviderContext, tenant: Tenant) -> None:
        self._tenant = tenant
        self._oidc = OidcProvider(
            context.http, context.clock, context.randomness, catalogue=lambda _: None
        )

    async def begin(
        self, signed_in: SignedIn, request: SignInRequest, redirect_uri: str
    ) -> DirectAuthorization:
        """Raises InvalidRequest, ServerUnreachable, RateLimited, ProviderError."""
        config = await signed_in.backend.config()
        asked = replace(
            request,
            server_url=config.origin,
            client=request.client or config.client,
            scopes=request.scopes or SCOPES,
        )
        pending = await self._oidc.begin(asked, redirect_uri)
        return DirectAuthorization(pending, config.audience, signed_in, self._tenant)

    async def refresh(self, server: Server, identity: Identity, tokens: OAuthTokens) -> Refreshed:
        """At the tenant, who calls the person by another name than the backend does."""
        subject = claims_of(tokens.access_token).get("sub")
        there = replace(identity, subject=subject) if isinstance(subject, str) else identity
        tenant = Server(origin(tokens.token_endpoint), server.name)
        return await self._oidc.refresh(tenant, there, tokens)
