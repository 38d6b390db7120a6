"""One authorization request of this kind of server, from its making to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manager.core.errors import SignInExpired
from manager.core.provider import SignInResult
from manager.oauth.authorization_response import ExpectedAnswer, authorization_code
from manager.oauth.pkce import ProofKey
from manager.oauth.token_endpoint import authorization_code_request
from manager.providers.authorization_server import AuthorizationServer

from .ending import Ending


@dataclass(frozen=True, slots=True)
class BrowserRequest:
    """What must come back unchanged from the browser."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    proof: ProofKey = field(repr=False)


class OpenIdSignIn:
    """PendingAuthorization of this provider: one request, one answer, one use of its code."""

    def __init__(
        self,
        ending: Ending,
        asked: BrowserRequest,
        authorization_url: str,
        endpoints: AuthorizationServer,
    ) -> None:
        self._ending = ending
        self._asked = asked
        self._authorization_url = authorization_url
        self._endpoints = endpoints
        self._spent = False

    @property
    def authorization_url(self) -> str:
        return self._authorization_url

    @property
    def redirect_uri(self) -> str:
        return self._asked.redirect_uri

    @property
    def state(self) -> str | None:
        return self._asked.state

    @property
    def tries(self) -> int:
        return 1

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """Exchange the answer's code and find out who signed in.

        Raises SignInDenied, InvalidRequest, SignInExpired (a second answer), ProviderError,
        ServerUnreachable, RateLimited.
        """
        if self._spent:
            raise SignInExpired("This sign-in has already been answered.")
        async with self._ending.registration_at_stake():
            return await self._redeem(parameters)

    async def _redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        prepared, asked = self._ending.prepared, self._asked
        code = authorization_code(
            parameters,
            ExpectedAnswer(asked.state, prepared.metadata.issuer, prepared.metadata.sends_iss),
        )
        self._spent = True
        response = await self._endpoints.redeem(
            prepared.metadata.token_endpoint,
            authorization_code_request(
                code,
                redirect_uri=asked.redirect_uri,
                verifier=asked.proof.verifier,
                client=prepared.client,
                method=prepared.method,
                resource=prepared.resource,
            ),
            scopes=prepared.scopes,
        )
        return await self._ending.result(response, nonce=asked.nonce)
