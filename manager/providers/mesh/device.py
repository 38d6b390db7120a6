"""One sign-in by a code on another device (RFC 8628 in Auth0's words)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
)
from manager.core.moment import Moment, usable_lifetime
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret
from manager.core.server_address import origin
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown, shown_error_code
from manager.oauth.token_endpoint import TokenResponse

from .backend import tokens_of
from .signed_in import SignedIn
from .tenant import SCOPES, Tenant, TenantConfig

_INTERVAL, _LIFETIME = 5.0, 900.0
"""Seconds, where the server says nothing; the SDK takes the same."""
_SLOWER = 5.0
_WAITING = "authorization_pending"


class MeshDevice:
    """PendingDevice. Once the tokens are there they are kept until it is known whose they are:
    the code is spent, and the backend may be away just then."""

    def __init__(
        self,
        document: Mapping[str, Any],
        config: TenantConfig,
        tenant: Tenant,
        signed_in: SignedIn,
        clock: Clock,
    ) -> None:
        """Raises ProviderError for an answer that nobody can act on."""
        code, complete = document.get("device_code"), document.get("verification_uri_complete")
        page = document.get("verification_uri") or complete
        self.user_code = shown(document.get("user_code"))
        if not isinstance(code, str) or not code or not self.user_code:
            raise ProviderError("The server gives no usable device code.")
        self.verification_uri = _page(page)
        self.verification_uri_complete = None if complete is None else _page(complete)
        self.interval = usable_lifetime(document.get("interval")) or _INTERVAL
        self.expires_in = usable_lifetime(document.get("expires_in")) or _LIFETIME
        self._code = Secret(code)
        self._config = config
        self._tenant = tenant
        self._signed_in = signed_in
        self._clock = clock
        self._response: TokenResponse | None = None

    async def poll(self) -> SignInResult | None:
        """See PendingDevice. 403 means wait, unless it says expired_token or access_denied."""
        if self._response is None:
            self._response = await self._ask()
        if self._response is None:
            return None
        return await self._signed_in.result(
            self._response, self._config, "device", asked_again=True
        )

    async def _ask(self) -> TokenResponse | None:
        sent = self._clock.now()
        answer = await self._tenant.poll(self._config, self._code.reveal())
        document = json_object(answer.body) or {}
        if answer.status == 200 and "access_token" in document:
            return self._tokens(document, sent)
        error = shown_error_code(document.get("error"))
        if error == "slow_down":
            self.interval += _SLOWER
            return None
        ended = _ending(error)
        if ended is not None:
            raise ended
        if error == _WAITING or answer.status == 403:
            return None
        if error and answer.status in (400, 401):
            raise ProviderError(f"The server gives no tokens for the code: {error}.")
        raise self._tenant.no_verdict(answer)

    def _tokens(self, document: dict[str, Any], sent: Moment) -> TokenResponse:
        return tokens_of(document, sent, SCOPES)


def _ending(error: str) -> AccountManagerError | None:
    if error in ("expired_token", "invalid_grant"):
        return SignInExpired("The code was not confirmed in time.")
    if error == "access_denied":
        return SignInDenied("The access was denied on the other device.")
    if error in ("temporarily_unavailable", "server_error"):
        return ServerUnreachable("The server cannot sign anybody in at the moment.")
    return None


def _page(address: object) -> str:
    try:
        if isinstance(address, str) and origin(address):
            return address
    except InvalidRequest:
        pass
    raise ProviderError("The server gives no usable page for its device code.")
