"""The provider `speckle`: signs in as the server's own desktop apps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from manager.core.account import Identity, Server
from manager.core.credential import Credential, OAuthTokens
from manager.core.errors import (
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.moment import Validity
from manager.core.ports import Clock, Randomness
from manager.core.provider import (
    Avatar,
    PendingAuthorization,
    Redirection,
    RedirectMethod,
    Refreshed,
    RequestToAuthorize,
    ServerProbe,
    SignInMethod,
    SignInRequest,
)
from manager.core.secret import Secret
from manager.core.server_address import is_loopback, origin
from manager.providers.http_client import HttpClient

from . import account_query
from .answers import TokenPair, is_refusal, no_verdict, token_pair
from .authorization import RENEW_AFTER, RETIRE_AFTER, SpeckleAuthorization, log_out
from .avatar import LARGEST, avatar_from_data_url, avatar_of
from .challenge import Challenge, PlainChallenge, S256Challenge
from .desktop_app import DESKTOP_APPS, app_for_method, app_for_redirect
from .speckle_server import SpeckleServer, TokenNotValid


class SpeckleProvider:
    """See `core.provider.Provider`. Servers live at an origin; a path in an address is a page."""

    id = "speckle"
    name = "Speckle"

    def __init__(self, http: HttpClient, clock: Clock, randomness: Randomness) -> None:
        self._http = http
        self._clock = clock
        self._randomness = randomness

    async def probe(self, url: str) -> ServerProbe | None:
        """A Speckle server knows the desktop apps without anybody being signed in."""
        server = self._at(url)
        answer = await server.public(account_query.PROBE)
        if answer is None:
            return None
        methods = [
            app.redirect_method
            for app in DESKTOP_APPS
            if _redirect_url(answer.data.get(app.id)) == app.redirection.uri
        ]
        if not methods:
            return None
        if RedirectMethod.LOOPBACK in methods:
            methods.append(RedirectMethod.PASTE)
        return ServerProbe(
            provider=self.id,
            server=Server(server.origin, account_query.server_name(answer.data, server.origin)),
            sign_in_methods=(SignInMethod.BROWSER,),
            redirect_methods=tuple(methods),
        )

    def redirection(self, server_url: str, method: RedirectMethod) -> Redirection:
        del server_url
        return app_for_method(method).redirection

    async def begin(self, request: SignInRequest, redirect_uri: str) -> PendingAuthorization:
        app = app_for_redirect(redirect_uri)
        if app is None:
            raise InvalidRequest("A Speckle server does not send the browser back to that address.")
        # Signing in again brings the client of the first time, which may be the other app.
        if request.client is not None and request.client not in (a.client for a in DESKTOP_APPS):
            raise InvalidRequest(
                "A Speckle server needs no client id.", hint="Leave the client id out."
            )
        server = self._at(request.server_url)
        secret = Secret(self._randomness.token(32))
        challenge: Challenge
        if await server.supports_s256():
            challenge = S256Challenge(secret)
        else:
            challenge = PlainChallenge(secret)
        return SpeckleAuthorization(server, app, challenge, self._clock)

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        """A 401 is how this server says no to everything, so it is believed only when the access
        token is refused as well."""
        del identity
        old = _oauth(credential)
        if old.refresh_token is None or old.client.client_secret is None:
            raise RefreshRefused("This sign-in cannot be renewed.")
        speckle = self._at(server.url)
        body = {
            "appId": old.client.client_id,
            "appSecret": old.client.client_secret.reveal(),
            "refreshToken": old.refresh_token.reveal(),
        }
        answer = await speckle.post(old.token_endpoint, body)
        pair = token_pair(answer)
        if pair is not None:
            return self._refreshed(old, pair)
        if is_refusal(answer):
            await self._confirm(server, speckle, old)
        raise no_verdict(answer, self._clock.now().wall)

    async def revoke(self, server: Server, credential: Credential) -> None:
        """Log the pair out; one that another program brought is left alone."""
        tokens = _oauth(credential)
        if tokens.imported:
            return
        speckle = self._at(server.url)
        url = tokens.revocation_endpoint or f"{speckle.origin}/auth/logout"
        pair = TokenPair(tokens.access_token, tokens.refresh_token)
        await log_out(speckle, url, pair, self._clock)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        del request
        # With a capital B: this server answers 403 to `bearer`.
        return {"Authorization": f"Bearer {_oauth(credential).access_token.reveal()}"}

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        del credential
        return (origin(server.url),)

    async def avatar(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Avatar | None:
        """Raises ServerUnreachable, RateLimited, ProviderError."""
        del identity
        answer = await self._at(server.url).graphql(
            account_query.AVATAR, {}, _oauth(credential).access_token
        )
        user = None if isinstance(answer, TokenNotValid) else answer.data.get("activeUser")
        found = user.get("avatar") if isinstance(user, dict) else None
        if not isinstance(found, str):
            return None
        if not found.startswith(("https://", "http://")):
            return avatar_from_data_url(found)
        if is_loopback(found) and not is_loopback(server.url):
            return None  # a server elsewhere does not make us talk to this machine's own services
        return await self._download(found)

    async def _download(self, url: str) -> Avatar | None:
        """Without the token: the picture stands at another server as a rule."""
        try:
            picture = await self._http.request(
                "GET", url, headers={"Accept": "image/*"}, limit=LARGEST, follow_redirects=True
            )
        except (ServerUnreachable, InvalidRequest):
            return None
        return avatar_of(picture.body) if picture.status == 200 else None

    async def _confirm(self, server: Server, speckle: SpeckleServer, old: OAuthTokens) -> None:
        """After a refused refresh token: is the person really signed out?"""
        answer = await speckle.graphql(account_query.WHO, {}, old.access_token)
        gone = isinstance(answer, TokenNotValid) or (
            not answer.codes and "activeUser" in answer.data and answer.data["activeUser"] is None
        )
        if gone:
            raise RefreshRefused(f"{server.name} accepts neither token of this sign-in any more.")
        raise ServerUnreachable(
            f"{server.name} did not renew the sign-in, but still accepts the present one.",
            hint="It will be tried again by itself; nothing has to be done now.",
        )

    def _refreshed(self, old: OAuthTokens, pair: TokenPair) -> Refreshed:
        issued = self._clock.now()
        renewed = replace(
            old,
            access_token=pair.access_token,
            refresh_token=pair.refresh_token or old.refresh_token,
            validity=Validity(issued, None),
            renew_at=issued.wall + RENEW_AFTER,
            imported=False,
        )
        # Logging out an old pair ends the refresh token that it names.
        shared = renewed.refresh_token == old.refresh_token
        keeps_old = old.imported or shared
        return Refreshed(renewed, retire_after=None if keeps_old else RETIRE_AFTER)

    def _at(self, url: str) -> SpeckleServer:
        return SpeckleServer(origin(url), self._http, self._clock)


def _redirect_url(app: object) -> object:
    return app.get("redirectUrl") if isinstance(app, dict) else None


def _oauth(credential: Credential) -> OAuthTokens:
    if not isinstance(credential, OAuthTokens):
        raise ProviderError("This account does not hold a sign-in of Speckle.")
    return credential
