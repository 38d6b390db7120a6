"""The requests to one Mesh backend; each is sent once (mesh-sdk 1.5.6, auth.py and client.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from manager.core.account import Identity
from manager.core.errors import (
    CredentialsRefused,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
    SignInDenied,
)
from manager.core.moment import Moment
from manager.core.ports import Clock
from manager.core.secret import Secret
from manager.oauth.json_object import json_object
from manager.oauth.token_endpoint import TokenResponse, token_response
from manager.oauth.token_error import token_error
from manager.providers.http_client import HttpAnswer, HttpClient
from manager.providers.no_verdict import no_verdict

from .access_token import validity_of
from .profile import identity_from
from .tenant import TenantConfig, tenant_config

KIND = "a Mesh backend"
_REFUSALS = (400, 401, 403)


class MeshBackend:
    """`url`: the backend's address without a trailing slash (`MESH_API_URL`)."""

    def __init__(self, url: str, http: HttpClient, clock: Clock) -> None:
        self.url = url
        self._http = http
        self._clock = clock

    async def find(self) -> TenantConfig | None:
        """None where something else stands. Raises ServerUnreachable, RateLimited."""
        answer = await self._http.request("GET", f"{self.url}/auth/config")
        if answer.status == 429 or answer.status >= 500:
            raise self.no_verdict(answer)
        document = json_object(answer.body) if answer.status == 200 else None
        return None if document is None else tenant_config(document, self.url)

    async def config(self, *, device: bool = False) -> TenantConfig:
        """Devices are another client at the tenant. Raises ProviderError, ServerUnreachable,
        RateLimited."""
        query = "?flow=device" if device else ""
        answer = await self._http.request("GET", f"{self.url}/auth/config{query}")
        document = json_object(answer.body) if answer.status == 200 else None
        if document is None:
            raise self.no_verdict(answer)
        config = tenant_config(document, self.url)
        if config is None:
            raise ProviderError("The server does not say how to sign in.")
        return config

    async def authorization_url(
        self, redirect_uri: str, scopes: tuple[str, ...], state: str
    ) -> str:
        body = {"redirect_uri": redirect_uri, "scope": " ".join(scopes), "state": state}
        answer = await self._http.request("POST", f"{self.url}/auth/get-auth-url", json=body)
        document = json_object(answer.body) if answer.status == 200 else None
        if document is None:
            raise self.no_verdict(answer)
        url = document.get("auth_url")
        if not isinstance(url, str):
            raise ProviderError("The server gives no address to sign in at.")
        return url

    async def exchange(
        self, code: Secret, redirect_uri: str, scopes: tuple[str, ...]
    ) -> TokenResponse:
        """Raises SignInDenied (the code was refused), ProviderError, ServerUnreachable."""
        sent = self._clock.now()
        body = {"code": code.reveal(), "redirect_uri": redirect_uri}
        answer = await self._http.request("POST", f"{self.url}/auth/exchange-token", json=body)
        document = json_object(answer.body)
        if answer.status == 200 and document is not None:
            return tokens_of(document, sent, scopes)
        if answer.status in _REFUSALS and document is not None:
            raise SignInDenied("The server did not accept the sign-in.")
        raise self.no_verdict(answer)

    async def refresh(
        self,
        endpoint: str,
        token: Secret,
        client_type: str,
        scopes: tuple[str, ...],
        access: Secret,
    ) -> TokenResponse:
        """`client_type`: web or device; `access`: the present access token. Raises RefreshRefused
        for the final word only, AnswerLost, ServerUnreachable, RateLimited, ProviderError."""
        sent = self._clock.now()
        body = {"refresh_token": token.reveal(), "client_type": client_type}
        answer = await self._http.request("POST", endpoint, json=body)
        document = json_object(answer.body)
        if answer.status == 200 and document is not None and "access_token" in document:
            return tokens_of(document, sent, scopes)
        error = token_error(answer.status, answer.body)
        if error is not None and error.is_final:
            raise RefreshRefused(f"The server no longer renews this sign-in: {error.shown}.")
        temporary = error is not None and error.is_temporary
        if answer.status in _REFUSALS and document is not None and not temporary:
            await self._confirm(access)
        raise self.no_verdict(answer)

    async def validate(self, token: Secret) -> HttpAnswer:
        """`GET /auth/validate`: 200, 401 or 403; 404 where the backend has no such thing."""
        return await self._get("/auth/validate", {"Authorization": f"Bearer {token.reveal()}"})

    async def profile(self, headers: Mapping[str, str]) -> HttpAnswer:
        """`GET /auth/profile`, which makes the user where there is none yet."""
        return await self._get("/auth/profile", headers)

    async def identity(
        self, headers: Mapping[str, str], hint: Mapping[str, Any], *, key: str = ""
    ) -> Identity:
        """Raises CredentialsRefused, ProviderError, ServerUnreachable, RateLimited."""
        answer = await self.profile(headers)
        document = json_object(answer.body)
        if answer.status in (401, 403) and document is not None:
            raise CredentialsRefused("The server does not accept this.")
        if answer.status != 200 or document is None:
            raise self.no_verdict(answer)
        found = identity_from(document, hint, key=key)
        if found is None:
            raise ProviderError("The server does not say who signed in.")
        return found

    async def create_key(self, headers: Mapping[str, str], name: str) -> HttpAnswer:
        return await self._http.request(
            "POST", f"{self.url}/v1/mesh/api-keys", headers=headers, json={"name": name}
        )

    def no_verdict(self, answer: HttpAnswer) -> Exception:
        return no_verdict(answer, self._clock.now().wall, KIND)

    async def _get(self, path: str, headers: Mapping[str, str]) -> HttpAnswer:
        return await self._http.request("GET", f"{self.url}{path}", headers=headers)

    async def _confirm(self, access: Secret) -> NoReturn:
        """A refusal in words of the backend's own may mean anything, also that Auth0 is away. It is
        the last word where the access token is not accepted either."""
        answer = await self.validate(access)
        if answer.status in (401, 403) and json_object(answer.body) is not None:
            raise RefreshRefused("The server accepts neither token of this sign-in any more.")
        raise ServerUnreachable(
            "The server did not renew the sign-in and does not say why.",
            hint="It will be tried again by itself; nothing has to be done now.",
        )


def tokens_of(document: dict[str, Any], sent: Moment, scopes: tuple[str, ...]) -> TokenResponse:
    """A token answer of the backend or the tenant; without `expires_in` the token's own `exp`
    counts. Raises ProviderError."""
    whole = {"token_type": "Bearer", **document}
    response = token_response(whole, sent=sent, scopes=scopes)
    validity = validity_of(response.access_token, document.get("expires_in"), sent)
    return TokenResponse(
        access_token=response.access_token,
        validity=validity,
        scopes=response.scopes,
        refresh_token=response.refresh_token,
        id_token=response.id_token,
        token_type=response.token_type,
    )
