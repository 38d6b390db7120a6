"""The Auth0 tenant that a backend names: device codes and revocation go there directly, as the SDK
does (auth0.com/docs/api/authentication)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.errors import InvalidRequest, ProviderError
from manager.core.ports import Clock
from manager.core.server_address import is_loopback, origin
from manager.oauth.json_object import json_object
from manager.oauth.token_error import token_error
from manager.providers.http_client import HttpAnswer, HttpClient
from manager.providers.no_verdict import no_verdict

SCOPES = ("openid", "profile", "email", "offline_access")
KIND = "an Auth0 tenant"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class TenantConfig:
    """What `GET /auth/config` says; `origin` without a trailing slash."""

    origin: str
    client: ClientRegistration
    audience: str = ""

    @property
    def issuer(self) -> str:
        return f"{self.origin}/"

    @property
    def revocation_endpoint(self) -> str:
        return f"{self.origin}/oauth/revoke"


def tenant_config(document: dict[str, Any], server_url: str) -> TenantConfig | None:
    """None where it is no such document. https always; http only where tenant and backend are both
    on this machine, so that no server elsewhere can send us to this machine's own services."""
    domain, client_id = document.get("domain"), document.get("client_id")
    audience = document.get("audience")
    if not isinstance(domain, str) or not isinstance(client_id, str) or not client_id:
        return None
    try:
        found = origin(f"https://{domain}")
    except InvalidRequest:
        return None
    if found.partition("://")[2] != domain.lower():
        return None
    if is_loopback(found):
        if not is_loopback(server_url):
            return None
        found = origin(f"http://{domain}")
    client = ClientRegistration(client_id)
    return TenantConfig(found, client, audience if isinstance(audience, str) else "")


class Tenant:
    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    async def device_code(self, config: TenantConfig, scopes: tuple[str, ...]) -> dict[str, Any]:
        """The answer of /oauth/device/code. Raises ProviderError, ServerUnreachable,
        RateLimited."""
        form = {"client_id": config.client.client_id, "scope": " ".join(scopes)}
        if config.audience:
            form["audience"] = config.audience
        url = f"{config.origin}/oauth/device/code"
        answer = await self._http.request("POST", url, form=form)
        document = json_object(answer.body) if answer.status == 200 else None
        if document is not None:
            return document
        error = token_error(answer.status, answer.body)
        if error is not None:
            raise ProviderError(f"The server gives no device code: {error.shown}.")
        raise self.no_verdict(answer)

    async def poll(self, config: TenantConfig, device_code: str) -> HttpAnswer:
        form = {
            "grant_type": _DEVICE_GRANT,
            "device_code": device_code,
            "client_id": config.client.client_id,
        }
        return await self._http.request("POST", f"{config.origin}/oauth/token", form=form)

    async def revoke(self, tokens: OAuthTokens) -> None:
        """End the grant by its refresh token (Auth0 knows no other way); revoking twice is well.
        Raises ProviderError, ServerUnreachable, RateLimited."""
        if tokens.refresh_token is None or tokens.revocation_endpoint is None:
            raise ProviderError(
                "This sign-in cannot be ended at the server; its token ends by itself.",
                hint="Nothing of it is kept here any more.",
            )
        body = {"client_id": tokens.client.client_id, "token": tokens.refresh_token.reveal()}
        answer = await self._http.request("POST", tokens.revocation_endpoint, json=body)
        error = token_error(answer.status, answer.body)
        if error is not None:
            raise ProviderError(f"The server did not end the sign-in: {error.shown}.")
        if answer.status not in (200, 204) or answer.body.strip():
            raise self.no_verdict(answer)

    def no_verdict(self, answer: HttpAnswer) -> Exception:
        return no_verdict(answer, self._clock.now().wall, KIND)
