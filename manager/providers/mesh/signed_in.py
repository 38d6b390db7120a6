"""From tokens to a finished sign-in, whichever way they came."""

from __future__ import annotations

from urllib.parse import urlsplit

from manager.core.account import Server
from manager.core.credential import OAuthTokens
from manager.core.errors import AccountManagerError, ProviderError, TimeHelps
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.oauth.token_endpoint import TokenResponse

from .access_token import claims_of
from .backend import MeshBackend
from .tenant import Tenant, TenantConfig


class SignedIn:
    """Asks the backend who it is; the ID token's claims are only a hint at names."""

    def __init__(self, backend: MeshBackend, tenant: Tenant, clock: Clock, name: str) -> None:
        self.backend = backend
        self.server = Server(backend.url, name or urlsplit(backend.url).netloc)
        self._tenant = tenant
        self._clock = clock

    def credential(
        self, response: TokenResponse, config: TenantConfig, client_type: str
    ) -> OAuthTokens:
        return OAuthTokens(
            access_token=response.access_token,
            token_type=response.token_type,
            validity=response.validity,
            token_endpoint=f"{self.backend.url}/auth/refresh-token",
            client=config.client,
            refresh_token=response.refresh_token,
            scopes=response.scopes,
            revocation_endpoint=config.revocation_endpoint,
            dialect=client_type,
        )

    async def result(
        self,
        response: TokenResponse,
        config: TenantConfig,
        client_type: str,
        *,
        asked_again: bool = False,
    ) -> SignInResult:
        """A sign-in that does not come about leaves no live grant behind, as far as we can.
        `asked_again`: whoever asks does so again when time helps."""
        credential = self.credential(response, config, client_type)
        hint = claims_of(response.id_token) if response.id_token else {}
        headers = {"Authorization": f"Bearer {response.access_token.reveal()}"}
        try:
            try:
                identity = await self.backend.identity(headers, hint)
            except TimeHelps:
                if asked_again:
                    raise
                # The code is spent: without a second try the person would have to start again.
                await self._clock.sleep(1.0)
                identity = await self.backend.identity(headers, hint)
        except AccountManagerError as failure:
            if not (asked_again and isinstance(failure, TimeHelps)):
                await self._give_back(credential)
            raise
        return SignInResult(self.server, identity, credential, credential.scopes)

    async def _give_back(self, credential: OAuthTokens) -> None:
        try:
            await self._tenant.revoke(credential)
        except (TimeHelps, ProviderError):
            return
