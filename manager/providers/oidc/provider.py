"""The provider `oidc`: any OpenID Connect or OAuth 2 server that publishes its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from manager.core.account import Identity, Server
from manager.core.catalogue import Catalogue, PresetServer
from manager.core.credential import ClientRegistration, Credential, OAuthTokens
from manager.core.errors import InvalidRequest, ProviderError
from manager.core.ports import Clock, Randomness
from manager.core.provider import (
    Avatar,
    Redirection,
    RedirectMethod,
    Refreshed,
    RequestToAuthorize,
    ServerProbe,
    SignInMethod,
    SignInRequest,
)
from manager.core.server_address import canonical, origin
from manager.oauth.authorization_request import AuthorizationRequest, authorization_url
from manager.oauth.bearer import bearer
from manager.oauth.client_authentication import (
    AuthenticationMethod,
    choose_method,
    client_authentication,
)
from manager.oauth.device_authorization import device_authorization_request
from manager.oauth.id_token import check_refreshed
from manager.oauth.pkce import proof_key
from manager.oauth.revocation import revocation_requests
from manager.oauth.token_endpoint import TokenRequest, refresh_request
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.http_client import HttpClient

from .device import OpenIdDevice
from .discovery import Discovery
from .ending import Ending, Preparation
from .identification import Identification
from .picture import fetch_picture
from .redirect_choice import redirect_methods, redirect_uris_to_register, redirection
from .registrations import Registrations
from .scope_choice import expects_id_token, prompt_to_ask, scopes_to_ask
from .sign_in import BrowserRequest, OpenIdSignIn
from .signing_keys import SigningKeys


class OidcProvider:
    """See `manager.core.provider.Provider`. Remembers metadata and keys of servers, no account."""

    id = "oidc"
    name = "OpenID Connect"
    is_generic = True

    def __init__(
        self, http: HttpClient, clock: Clock, randomness: Randomness, catalogue: Catalogue
    ) -> None:
        self._http = http
        self._randomness = randomness
        self._catalogue = catalogue
        self._endpoints = AuthorizationServer(http, clock)
        self._discovery = Discovery(http, clock, self._endpoints)
        self._signing_keys = SigningKeys(http, clock, self._endpoints)
        self._identification = Identification(http, self._endpoints, randomness)
        self._registrations = Registrations(http, self._endpoints)

    async def probe(self, url: str) -> ServerProbe | None:
        """What stands at `url`; None when the catalogue calls it another kind of server, or when it
        publishes no metadata. Raises ServerUnreachable, RateLimited, and ProviderError for metadata
        that must not be used."""
        address = canonical(url)
        preset = self._catalogue(address)
        if preset is not None and preset.provider != self.id:
            return None
        metadata = await self._discovery.find(address)
        if metadata is None:
            return None
        known = preset is not None and preset.client is not None
        registers = metadata.registration_endpoint is not None
        methods = [SignInMethod.BROWSER]
        if metadata.device_endpoint is not None:
            methods.append(SignInMethod.DEVICE)
        return ServerProbe(
            provider=self.id,
            server=_server(address, preset),
            sign_in_methods=tuple(methods),
            redirect_methods=redirect_methods(preset),
            needs=() if known or registers else ("client_id",),
            redirect_uris=redirect_uris_to_register(address, preset),
        )

    def redirection(self, server_url: str, method: RedirectMethod) -> Redirection:
        return redirection(server_url, method, self._preset(server_url))

    async def begin(self, request: SignInRequest, redirect_uri: str) -> OpenIdSignIn:
        prepared = await self._prepared(request)
        asked = BrowserRequest(
            redirect_uri=redirect_uri,
            state=self._randomness.token(32),
            nonce=self._randomness.token(32),
            proof=proof_key(self._randomness),
        )
        ending = self._ending(prepared)
        async with ending.registration_at_stake():
            url = await self._authorization_url(prepared, asked, request)
        return OpenIdSignIn(ending, asked, url, self._endpoints)

    async def begin_device(self, request: SignInRequest) -> OpenIdDevice:
        prepared = await self._prepared(request)
        endpoint = prepared.metadata.device_endpoint
        if endpoint is None:
            raise InvalidRequest(f"{prepared.server.name} has no sign-in by a code.")
        asking = device_authorization_request(
            client=prepared.client,
            method=prepared.method,
            scopes=prepared.scopes,
            resource=prepared.resource,
        )
        ending = self._ending(prepared)
        async with ending.registration_at_stake():
            authorization = await self._endpoints.authorize_device(
                endpoint, asking, of=prepared.metadata.issuer
            )
        return OpenIdDevice(ending, authorization, self._endpoints)

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        """See the contract. The refresh token goes to the endpoint that issued it, whatever the
        server's metadata says today; a missing new one keeps the old (RFC 6749 section 6)."""
        tokens = _oauth(credential)
        if tokens.refresh_token is None:
            raise InvalidRequest("This sign-in cannot be renewed.")
        request = refresh_request(
            tokens.refresh_token,
            client=tokens.client,
            method=await self._method(server, tokens.client),
            resource=tokens.resource,
        )
        response = await self._endpoints.refresh(
            tokens.token_endpoint, request, scopes=tokens.scopes
        )
        if response.id_token is not None and expects_id_token(tokens.scopes):
            known = self._discovery.known(server.url)
            check_refreshed(
                response.id_token,
                issuers=(known.issuer,) if known else (server.url, f"{server.url}/"),
                client_id=tokens.client.client_id,
                subject=identity.subject,
            )
        return Refreshed(
            replace(
                tokens,
                access_token=response.access_token,
                token_type=response.token_type,
                validity=response.validity,
                refresh_token=response.refresh_token or tokens.refresh_token,
                scopes=response.scopes,
            )
        )

    async def revoke(self, server: Server, credential: Credential) -> None:
        """Refresh token, then access token. Raises ServerUnreachable, RateLimited; ProviderError
        where the server offers no revocation or refuses it."""
        tokens = _oauth(credential)
        if tokens.revocation_endpoint is None:
            raise ProviderError(f"{server.name} offers no way to end a sign-in.")
        method = await self._method(server, tokens.client)
        await self._endpoints.revoke(
            tokens.revocation_endpoint, revocation_requests(tokens, method)
        )

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        """RFC 6750 section 2.1: the header, never the address or the body."""
        del request
        return bearer(_oauth(credential).access_token)

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        """The server's own, and that of the resource that the token was asked for. The endpoints'
        own origins are not implied: a token endpoint has no use for an access token."""
        addresses = [server.url, _oauth(credential).resource]
        return tuple(dict.fromkeys(origin(each) for each in addresses if each))

    async def avatar(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Avatar | None:
        del credential
        return await fetch_picture(self._http, server, identity)

    def _preset(self, server_url: str) -> PresetServer | None:
        preset = self._catalogue(canonical(server_url))
        return preset if preset is not None and preset.provider == self.id else None

    async def _prepared(self, request: SignInRequest) -> Preparation:
        """Whom to ask, and as which client: the person's, the catalogue's, or one that the server
        lets us register."""
        address = canonical(request.server_url)
        preset = self._preset(address)
        client = request.client or (preset.client if preset else None)
        metadata = await self._discovery.metadata(address)
        if client is None and metadata.registration_endpoint is None:
            raise InvalidRequest(
                "This server needs a client id.",
                hint="Ask its operator to register Account Manager, and give the client id.",
            )
        if client is None:
            uris = redirect_uris_to_register(address, preset)
            client = await self._registrations.client(metadata, tuple(uris.values()))
        return Preparation(
            server=_server(address, preset),
            metadata=metadata,
            client=client,
            method=choose_method(client, metadata.client_authentication_methods),
            scopes=scopes_to_ask(metadata, request.scopes, preset.scopes if preset else ()),
            resource=preset.resource if preset else None,
        )

    def _ending(self, prepared: Preparation) -> Ending:
        return Ending(prepared, self._signing_keys, self._identification, self._registrations)

    async def _method(self, server: Server, client: ClientRegistration) -> AuthenticationMethod:
        """Only a client with a secret has to know what the server takes."""
        if client.client_secret is None:
            return AuthenticationMethod.NONE
        metadata = await self._discovery.metadata(server.url)
        return choose_method(client, metadata.client_authentication_methods)

    async def _authorization_url(
        self, prepared: Preparation, asked: BrowserRequest, request: SignInRequest
    ) -> str:
        metadata = prepared.metadata
        # An account whose server names nobody carries the server's name: no hint at a person.
        hint = None if request.login_hint == prepared.server.name else request.login_hint
        parameters = AuthorizationRequest(
            client_id=prepared.client.client_id,
            redirect_uri=asked.redirect_uri,
            state=asked.state,
            code_challenge=asked.proof.challenge,
            scopes=prepared.scopes,
            nonce=asked.nonce if expects_id_token(prepared.scopes) else None,
            prompt=prompt_to_ask(metadata, prepared.scopes, select_account=request.select_account),
            login_hint=hint,
            resource=prepared.resource,
        ).parameters()
        if metadata.requires_pushed_requests:
            parameters = await self._push(prepared, parameters)
        return authorization_url(metadata.authorization_endpoint, parameters)

    async def _push(self, prepared: Preparation, parameters: dict[str, str]) -> dict[str, str]:
        """RFC 9126: the request goes to the server first, the browser carries its number."""
        endpoint = prepared.metadata.pushed_endpoint
        if endpoint is None:
            raise ProviderError("The server asks for pushed requests but names no place for them.")
        authentication = client_authentication(prepared.client, prepared.method)
        headers = {"Accept": "application/json", **authentication.headers}
        request = TokenRequest(headers, {**parameters, **authentication.form})
        request_uri = await self._endpoints.push(endpoint, request)
        return {"client_id": prepared.client.client_id, "request_uri": request_uri}


def _server(address: str, preset: PresetServer | None) -> Server:
    name = preset.name if preset is not None else ""
    return Server(address, name or urlsplit(address).netloc)


def _oauth(credential: Credential) -> OAuthTokens:
    if not isinstance(credential, OAuthTokens):
        raise InvalidRequest("This account holds another kind of credential.")
    return credential
