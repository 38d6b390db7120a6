"""One device authorization of this kind of server, from its code to its end (RFC 8628)."""

from __future__ import annotations

from manager.core.errors import SignInExpired
from manager.core.provider import SignInResult
from manager.oauth.device_authorization import (
    SLOWER_BY,
    DeviceAuthorization,
    NotYet,
    device_token_request,
)
from manager.oauth.token_endpoint import TokenResponse
from manager.providers.authorization_server import AuthorizationServer

from .ending import Ending


class OpenIdDevice:
    """PendingDevice of this provider."""

    def __init__(
        self, ending: Ending, authorization: DeviceAuthorization, endpoints: AuthorizationServer
    ) -> None:
        self._ending = ending
        self._authorization = authorization
        self._endpoints = endpoints
        self._interval = authorization.interval
        self._response: TokenResponse | None = None
        self._over = False

    @property
    def user_code(self) -> str:
        return self._authorization.user_code

    @property
    def verification_uri(self) -> str:
        return self._authorization.verification_uri

    @property
    def verification_uri_complete(self) -> str | None:
        return self._authorization.verification_uri_complete

    @property
    def expires_in(self) -> float:
        return self._authorization.lifetime

    @property
    def interval(self) -> float:
        return self._interval

    async def poll(self) -> SignInResult | None:
        """See the contract. `slow_down` makes every later interval longer."""
        if self._over:
            raise SignInExpired("This sign-in has already been answered.")
        async with self._ending.registration_at_stake():
            if self._response is None:
                answer = await self._ask()
                if isinstance(answer, NotYet):
                    return None
                self._response = answer  # kept: a device code brings its tokens only once
            result = await self._ending.result(self._response, nonce=None)
        self._over, self._response = True, None
        return result

    async def _ask(self) -> TokenResponse | NotYet:
        prepared = self._ending.prepared
        request = device_token_request(
            self._authorization.device_code,
            client=prepared.client,
            method=prepared.method,
            resource=prepared.resource,
        )
        answer = await self._endpoints.poll(
            prepared.metadata.token_endpoint, request, scopes=prepared.scopes
        )
        if answer is NotYet.SLOW_DOWN:
            self._interval += SLOWER_BY
        return answer
