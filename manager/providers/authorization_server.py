"""Talking to an authorization server: requests made in `oauth` go out here, answers come back as
values or as errors that say who can act.

Nothing is sent twice and no redirect is followed: a repeated refresh could spend a rotated token,
and a redirect could take a token to somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn
from urllib.parse import urlsplit

from manager.core.errors import (
    AccountManagerError,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
    SignInDenied,
)
from manager.core.ports import Clock
from manager.oauth.authorization_response import refusal
from manager.oauth.device_authorization import (
    DeviceAuthorization,
    NotYet,
    device_authorization,
    no_token,
)
from manager.oauth.json_object import json_object
from manager.oauth.token_endpoint import TokenRequest, TokenResponse, token_response
from manager.oauth.token_error import TokenError, token_error

from .http_client import HttpAnswer, HttpClient
from .no_verdict import no_verdict, trouble_of

_UNKNOWN_TOKEN_TYPE = "unsupported_token_type"  # noqa: S105  # RFC 7009 section 2.2.1
_CODE_REFUSED = frozenset({"invalid_grant", "bad_verification_code"})  # the second is GitHub's


class AuthorizationServer:
    """The endpoints of RFC 6749, RFC 7009, RFC 8628 and RFC 9126. Holds no state."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    async def redeem(
        self, endpoint: str, request: TokenRequest, *, scopes: tuple[str, ...]
    ) -> TokenResponse:
        """Exchange an authorization code. `scopes`: those asked for.

        Raises SignInDenied (the code was refused), ProviderError, ServerUnreachable, AnswerLost,
        RateLimited.
        """
        sent = self._clock.now()
        answer = await self._post(endpoint, request)
        error = token_error(answer.status, answer.body)
        if error is not None and error.code in _CODE_REFUSED:
            raise SignInDenied(f"The server did not accept the sign-in: {error.shown}.")
        if error is not None:
            raise refusal(error.code)
        return token_response(self._document(answer), sent=sent, scopes=scopes)

    async def refresh(
        self, endpoint: str, request: TokenRequest, *, scopes: tuple[str, ...]
    ) -> TokenResponse:
        """Send a refresh token, once. `scopes`: those granted until now.

        Raises RefreshRefused only for a final OAuth error (see `oauth.token_error`), AnswerLost,
        ServerUnreachable, RateLimited, ProviderError.
        """
        sent = self._clock.now()
        answer = await self._post(endpoint, request)
        error = token_error(answer.status, answer.body)
        if error is not None:
            self._raise_refresh_error(endpoint, error)
        return token_response(self._document(answer), sent=sent, scopes=scopes)

    async def revoke(self, endpoint: str, requests: Sequence[TokenRequest]) -> None:
        """Send revocations in order; a kind of token that the server does not revoke is passed by.

        Raises ServerUnreachable, RateLimited; ProviderError when the server refuses.
        """
        refused: TokenError | None = None
        for request in requests:
            answer = await self._post(endpoint, request)
            error = token_error(answer.status, answer.body)
            if error is not None and error.code != _UNKNOWN_TOKEN_TYPE:
                refused = refused or error
            elif error is None and answer.status not in (200, 204):
                raise self._no_verdict(answer)
        if refused is not None:
            raise ProviderError(f"{_host(endpoint)} did not end the sign-in: {refused.shown}.")

    async def push(self, endpoint: str, request: TokenRequest) -> str:
        """Push an authorization request (RFC 9126 section 2); returns its `request_uri`.

        Raises ProviderError, SignInDenied, ServerUnreachable, RateLimited.
        """
        answer = await self._post(endpoint, request)
        error = token_error(answer.status, answer.body)
        if error is not None:
            raise refusal(error.code)
        request_uri = self._document(answer).get("request_uri")
        if not isinstance(request_uri, str) or not request_uri:
            raise ProviderError(f"{_host(endpoint)} did not take the sign-in request.")
        return request_uri

    async def authorize_device(
        self, endpoint: str, request: TokenRequest, *, of: str
    ) -> DeviceAuthorization:
        """Ask for a code (RFC 8628 section 3.1) of the server `of`.

        Raises ProviderError, SignInDenied, ServerUnreachable, RateLimited.
        """
        answer = await self._post(endpoint, request)
        error = token_error(answer.status, answer.body)
        if error is not None:
            raise refusal(error.code)
        return device_authorization(self._document(answer), of=of)

    async def poll(
        self, endpoint: str, request: TokenRequest, *, scopes: tuple[str, ...]
    ) -> TokenResponse | NotYet:
        """Ask for the tokens of a device code, once (RFC 8628 section 3.4). `scopes`: those asked
        for.

        Raises SignInDenied, SignInExpired, ProviderError (over), ServerUnreachable, RateLimited.
        """
        sent = self._clock.now()
        answer = await self._http.request(
            "POST", endpoint, headers=request.headers, form=request.form
        )
        if _asks_to_slow_down(answer):
            return NotYet.SLOW_DOWN
        self.check_pause(answer)
        error = token_error(answer.status, answer.body)
        if error is not None:
            return no_token(error.code)
        return token_response(self._document(answer), sent=sent, scopes=scopes)

    def check_pause(self, answer: HttpAnswer) -> None:
        """Raise RateLimited or ServerUnreachable where the answer asks for patience."""
        trouble = trouble_of(answer, self._clock.now().wall)
        if trouble is not None:
            raise trouble

    async def _post(self, endpoint: str, request: TokenRequest) -> HttpAnswer:
        answer = await self._http.request(
            "POST", endpoint, headers=request.headers, form=request.form
        )
        self.check_pause(answer)
        return answer

    def _document(self, answer: HttpAnswer) -> dict[str, object]:
        document = json_object(answer.body) if answer.status in (200, 201) else None
        if document is None:
            raise self._no_verdict(answer)
        return document

    def _no_verdict(self, answer: HttpAnswer) -> AccountManagerError:
        """Somebody answered who does not speak as a token endpoint (HTML of a captive portal, a
        redirect, a proxy's own page): all errors in the words of one were looked at before."""
        wall = self._clock.now().wall
        return no_verdict(answer, wall, "an authorization server", own_words=False)

    def _raise_refresh_error(self, endpoint: str, error: TokenError) -> NoReturn:
        host = _host(endpoint)
        if error.is_final:
            raise RefreshRefused(f"{host} no longer renews this sign-in: {error.shown}.")
        if error.is_temporary:
            raise ServerUnreachable(f"{host} cannot renew at the moment: {error.shown}.")
        raise ProviderError(f"{host} answered a renewal with an unknown error: {error.shown}.")


def _asks_to_slow_down(answer: HttpAnswer) -> bool:
    """RFC 8628 section 3.5 by another status: Auth0 says it with 429. A Retry-After counts more."""
    if answer.status != 429 or "retry-after" in answer.headers:
        return False
    return (json_object(answer.body) or {}).get("error") == "slow_down"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The server"
