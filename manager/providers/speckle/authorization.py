"""One sign-in on its way through the browser."""

from __future__ import annotations

from collections.abc import Mapping

from manager.core.account import Server
from manager.core.credential import OAuthTokens
from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    SignInDenied,
)
from manager.core.moment import Validity
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.providers.no_verdict import no_verdict

from . import account_query
from .answers import KIND, TokenPair, is_logged_out, is_refusal, token_pair
from .challenge import Challenge
from .desktop_app import DesktopApp
from .speckle_server import GraphqlData, SpeckleServer, TokenNotValid

TRIES = 5
RENEW_AFTER = 150 * 86_400.0
"""Seconds. A refresh token dies 182.5 days after its issue; the access token lives a century."""
RETIRE_AFTER = 86_400.0
"""Seconds after which a superseded pair is logged out: programs may still be using it."""


class SpeckleAuthorization:
    """Speckle has no `state`: whoever knows the redirect URI can send a code. So a code that the
    server refuses ends nothing, and a code goes to this sign-in's server only."""

    state: str | None = None
    tries = TRIES

    def __init__(
        self, server: SpeckleServer, app: DesktopApp, challenge: Challenge, clock: Clock
    ) -> None:
        self._server = server
        self._app = app
        self._challenge = challenge
        self._clock = clock

    @property
    def authorization_url(self) -> str:
        return self._challenge.authorization_url(self._server.origin, self._app)

    @property
    def redirect_uri(self) -> str:
        return self._app.redirection.uri

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """See PendingAuthorization. Parameters: `access_code`, or `denied=true`."""
        if parameters.get("denied") == "true":
            raise SignInDenied("The access was denied in the browser.")
        code = parameters.get("access_code", "")
        if not code or len(code) > 512:
            raise InvalidRequest("The browser's answer holds no access code.")
        pair = await self._exchange(code)
        try:
            return await self._result(pair)
        except AccountManagerError:
            await self._give_back(pair)
            raise

    async def _exchange(self, code: str) -> TokenPair:
        url, body = self._challenge.exchange(self._server.origin, self._app, code)
        answer = await self._server.post(url, body)
        pair = token_pair(answer)
        if pair is not None:
            return pair
        if is_refusal(answer):
            raise InvalidRequest(
                "The server does not accept this access code (any more).",
                hint="Finish the sign-in in the browser within ten minutes, or start it again.",
            )
        raise no_verdict(answer, self._clock.now().wall, KIND)

    async def _result(self, pair: TokenPair) -> SignInResult:
        answer = await self._account(pair)
        identity = None
        if not isinstance(answer, TokenNotValid):
            identity = account_query.identity(answer.data)
        if isinstance(answer, TokenNotValid) or identity is None:
            raise ProviderError("The server issued a token, but does not say whose it is.")
        scopes = account_query.scopes(answer.data)
        origin, issued = self._server.origin, self._clock.now()
        credential = OAuthTokens(
            access_token=pair.access_token,
            token_type="Bearer",  # noqa: S106  # the type, no token
            validity=Validity(issued, None),
            token_endpoint=f"{origin}/auth/token",
            client=self._app.client,
            refresh_token=pair.refresh_token,
            scopes=scopes,
            revocation_endpoint=f"{origin}/auth/logout",
            renew_at=issued.wall + RENEW_AFTER,
        )
        return SignInResult(
            server=Server(origin, account_query.server_name(answer.data, origin)),
            identity=identity,
            credential=credential,
            scopes=scopes,
            retire_after=RETIRE_AFTER,
        )

    async def _account(self, pair: TokenPair) -> GraphqlData | TokenNotValid:
        """Asked twice where need be: the code is spent, the person would have to start again."""
        variables = {"app": self._app.id}
        try:
            return await self._server.graphql(account_query.ACCOUNT, variables, pair.access_token)
        except ServerUnreachable:
            await self._clock.sleep(1.0)
        return await self._server.graphql(account_query.ACCOUNT, variables, pair.access_token)

    async def _give_back(self, pair: TokenPair) -> None:
        """A sign-in that did not come about leaves no live token behind, as far as we can."""
        try:
            await log_out(self._server, f"{self._server.origin}/auth/logout", pair, self._clock)
        except (ServerUnreachable, ProviderError):
            return


async def log_out(server: SpeckleServer, url: str, pair: TokenPair, clock: Clock) -> None:
    """POST /auth/logout. Raises ServerUnreachable, RateLimited, ProviderError."""
    body = {"token": pair.access_token.reveal()}
    if pair.refresh_token is not None:
        body["refreshToken"] = pair.refresh_token.reveal()
    answer = await server.post(url, body)
    if not is_logged_out(answer):
        raise no_verdict(answer, clock.now().wall, KIND)
