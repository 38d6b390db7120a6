"""The provider `speckle`: signs in as the server's own desktop apps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential
from manager.core.errors import InvalidRequest, ProviderError, ServerUnreachable
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
    SignInResult,
)
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ExportedAccount,
    FoundAccount,
    ReadVariables,
    ServerCredential,
    Verification,
)
from manager.core.secret import Secret
from manager.core.server_address import is_loopback, origin
from manager.core.sign_in_form import PendingForm
from manager.providers.http_client import HttpClient

from . import account_query, renewal, server_credentials
from .access_token import cleaned, recognised
from .access_token_form import FORM, AccessTokenForm
from .account_export import AccountExport
from .account_import import AccountImport
from .answers import TokenPair
from .authorization import SpeckleAuthorization, log_out
from .avatar import LARGEST, avatar_from_data_url, avatar_of
from .challenge import Challenge, PlainChallenge, S256Challenge
from .desktop_app import DESKTOP_APPS, app_for_method, app_for_redirect
from .presented_token import oauth_tokens, presented_token
from .server_credentials import ServerCredentials
from .speckle_server import SpeckleServer, TokenNotValid
from .variables import NAMES, read_variables, server_and_token, variables_for
from .verification import Verifier

NOWHERE = Path(os.devnull)
"""As a folder: nothing is in it, nothing can be put there."""


class SpeckleProvider:
    """See `core.provider.Provider`. Servers live at an origin; a path in an address is a page."""

    id = "speckle"
    name = "Speckle"

    def __init__(
        self,
        http: HttpClient,
        clock: Clock,
        randomness: Randomness,
        environ: Mapping[str, str] | None = None,
        data: Path = NOWHERE,
    ) -> None:
        """`environ`, `data`: see ProviderContext; without them no other program's file is found."""
        self._http = http
        self._clock = clock
        self._randomness = randomness
        self._verifier = Verifier(self._at)
        self._import = AccountImport(environ or {}, data, self._at, clock)
        self._export = AccountExport(environ or {}, data)

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
            sign_in_methods=(SignInMethod.BROWSER, SignInMethod.FORM),
            redirect_methods=tuple(methods),
            forms=(FORM,),
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

    async def begin_form(self, request: SignInRequest, form_id: str) -> PendingForm:
        if form_id != FORM.id:
            raise InvalidRequest("A Speckle server has no such form.")
        return AccessTokenForm(self._at(request.server_url), self._clock)

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        del identity
        tokens = oauth_tokens(credential)
        return await renewal.refresh(self._at(server.url), server, tokens, self._clock)

    async def revoke(self, server: Server, credential: Credential) -> None:
        """Log the pair out, or end the personal access token where it may do that itself; one that
        another program brought is left alone."""
        speckle = self._at(server.url)
        if isinstance(credential, ApiKey):
            if not credential.imported:
                await self._revoke_key(speckle, server, credential)
            return
        tokens = oauth_tokens(credential)
        if tokens.imported:
            return
        url = tokens.revocation_endpoint or f"{speckle.origin}/auth/logout"
        pair = TokenPair(tokens.access_token, tokens.refresh_token)
        await log_out(speckle, renewal.present_address(server, url), pair, self._clock)

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        return await self._verifier.verify(server, identity, credential)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        del request
        # With a capital B: this server answers 403 to `bearer`.
        return {"Authorization": f"Bearer {presented_token(credential).reveal()}"}

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        del credential
        return (origin(server.url),)

    async def avatar(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Avatar | None:
        """Raises ServerUnreachable, RateLimited, ProviderError."""
        del identity
        answer = await self._at(server.url).graphql(
            account_query.AVATAR, {}, presented_token(credential)
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

    # What the server keeps for the person -------------------------------------------------------

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]:
        return server_credentials.kinds(server, credential)

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        return await self._kept(server, credential).listed(kind)

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        return await self._kept(server, credential).created(identity, kind, values, self._clock)

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        await self._kept(server, credential).revoke(kind, credential_id)

    def _kept(self, server: Server, credential: Credential) -> ServerCredentials:
        return ServerCredentials(self._at(server.url), server, credential)

    async def _revoke_key(self, speckle: SpeckleServer, server: Server, key: ApiKey) -> None:
        """One that is gone already has been revoked."""
        answer = await speckle.graphql(
            server_credentials.REVOKE_TOKEN, {"token": key.key.reveal()[:10]}, key.key
        )
        if isinstance(answer, TokenNotValid) or answer.data.get("apiTokenRevoke") is True:
            return
        raise ProviderError(
            f"{server.name} does not let this token revoke itself: it lacks tokens:write.",
            hint="Revoke it in the web (Settings, Developer); it is forgotten here all the same.",
        )

    # Other programs of this machine -------------------------------------------------------------

    async def found_accounts(self) -> Sequence[FoundAccount]:
        return await self._import.found()

    async def take_over(self, found_id: str) -> SignInResult:
        return await self._import.take_over(found_id)

    @property
    def export_warning(self) -> str:
        return self._export.warning

    async def export(self, accounts: Sequence[ExportedAccount]) -> None:
        await self._export.export(accounts)

    # Environment variables ----------------------------------------------------------------------

    @property
    def variable_names(self) -> tuple[str, ...]:
        return NAMES

    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        return variables_for(server, credential)

    def read_variables(self, variables: Mapping[str, Secret]) -> ReadVariables:
        return read_variables(variables)

    async def account_from_variables(self, variables: Mapping[str, Secret]) -> SignInResult:
        url, token = server_and_token(variables)
        return await recognised(self._at(url), cleaned(token), self._clock, imported=True)

    def _at(self, url: str) -> SpeckleServer:
        return SpeckleServer(origin(url), self._http, self._clock)


def _redirect_url(app: object) -> object:
    return app.get("redirectUrl") if isinstance(app, dict) else None
