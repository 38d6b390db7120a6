"""The provider `mesh`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import InvalidRequest, ProviderError, RefreshRefused
from manager.core.provider import (
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
    FoundAccount,
    ReadVariables,
    ServerCredential,
    Verification,
)
from manager.core.secret import Secret
from manager.core.server_address import canonical, origin
from manager.core.sign_in_form import PendingForm
from manager.providers.context import ProviderContext

from . import api_keys, variables
from .authorization import (
    PASTED,
    REDIRECT,
    Asked,
    MeshAuthorization,
    checked_authorization_url,
    checked_redirect_uri,
    with_parameters,
)
from .backend import MeshBackend
from .device import MeshDevice
from .renewal import renewed
from .signed_in import SignedIn
from .taking_over import ForeignSignIn, SdkRecords, taken_over
from .tenant import SCOPES, Tenant
from .verification import verified


class MeshProvider:
    """See `core.provider`. Two dialects: `backend`, as the SDK signs in; `auth0`, the tenant
    directly with PKCE, only where the person names it. The dialect of a credential is the kind of
    client that it was issued to: `web`, `device`."""

    id = "mesh"
    name = "Mesh"

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        self._clock = context.clock
        self._tenant = Tenant(context.http, context.clock)
        home = context.environ.get("HOME")
        self._records = SdkRecords(context.foreign_keychain, Path(home) if home else None)

    async def probe(self, url: str) -> ServerProbe | None:
        """A Mesh backend names its tenant to anybody. Raises ServerUnreachable, RateLimited."""
        signed_in = self._at(url)
        if await signed_in.backend.find() is None:
            return None
        return ServerProbe(
            provider=self.id,
            server=signed_in.server,
            sign_in_methods=(SignInMethod.BROWSER, SignInMethod.DEVICE, SignInMethod.FORM),
            redirect_methods=(RedirectMethod.LOOPBACK, RedirectMethod.PASTE),
            redirect_uris={RedirectMethod.LOOPBACK.value: PASTED.uri},
            forms=(api_keys.FORM,),
            dialect="backend",
        )

    # Signing in --------------------------------------------------------------------------------

    def redirection(self, server_url: str, method: RedirectMethod) -> Redirection:
        del server_url
        match method:
            case RedirectMethod.LOOPBACK:
                return REDIRECT
            case RedirectMethod.PASTE:
                return PASTED
            case RedirectMethod.SCHEME:
                raise InvalidRequest("A Mesh server cannot send the browser back by scheme.")

    async def begin(self, request: SignInRequest, redirect_uri: str) -> PendingAuthorization:
        signed_in = self._at(request.server_url)
        asked = Asked(
            redirect_uri=checked_redirect_uri(redirect_uri),
            scopes=request.scopes or SCOPES,
            state=self._context.randomness.token(32),
        )
        config = await signed_in.backend.config()
        url = await signed_in.backend.authorization_url(
            asked.redirect_uri, asked.scopes, asked.state
        )
        url = checked_authorization_url(url, asked, signed_in.backend.url)
        wishes = {"prompt": "login"} if request.select_account else {}
        if request.login_hint:
            wishes["login_hint"] = request.login_hint
        return MeshAuthorization(with_parameters(url, wishes), asked, config, signed_in)

    async def begin_device(self, request: SignInRequest) -> MeshDevice:
        signed_in = self._at(request.server_url)
        config = await signed_in.backend.config(device=True)
        document = await self._tenant.device_code(config, request.scopes or SCOPES)
        return MeshDevice(document, config, self._tenant, signed_in, self._clock)

    async def begin_form(self, request: SignInRequest, form_id: str) -> PendingForm:
        if form_id != api_keys.FORM.id:
            raise InvalidRequest(f"Mesh has no form {form_id[:40]!r}.", hint="Known: api_key.")
        return api_keys.PendingApiKey(self._at(request.server_url))

    # What is kept ------------------------------------------------------------------------------

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        """See `renewal`."""
        del identity
        if not isinstance(credential, OAuthTokens):
            raise RefreshRefused("This sign-in cannot be renewed.")
        return Refreshed(await renewed(self._at(server.url).backend, credential))

    async def revoke(self, server: Server, credential: Credential) -> None:
        """What another program brought is left alone. Auth0 ends the grant; an access token that
        is out lives to its end."""
        del server
        if isinstance(credential, ApiKey):
            if not credential.imported:
                refused = api_keys.cannot_revoke()
                raise ProviderError(refused.message, hint=refused.hint)
            return
        if not isinstance(credential, OAuthTokens):
            raise ProviderError("This account does not hold a sign-in of Mesh.")
        if not credential.imported:
            await self._tenant.revoke(credential)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        del request
        return api_keys.authorizing(credential)

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        del credential
        return (origin(server.url),)

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        del identity
        backend = self._at(server.url).backend
        return await verified(backend, server, credential, self._clock.now())

    # API keys ----------------------------------------------------------------------------------

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]:
        del server, credential
        return (api_keys.CREDENTIAL_KIND,)

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        """Raises InvalidRequest: nothing is known of a way."""
        raise api_keys.cannot_list()

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        del identity
        if kind != api_keys.KIND:
            raise InvalidRequest(f"Mesh has no {kind[:40]!r}.", hint="Known: api_key.")
        now = self._clock.now().wall
        return await api_keys.created(self._at(server.url), credential, values, now)

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        raise api_keys.cannot_revoke()

    # Variables and what the SDK keeps ----------------------------------------------------------

    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        return variables.for_programs(server.url, credential)

    @property
    def variable_names(self) -> tuple[str, ...]:
        return variables.NAMES

    def read_variables(self, variables_: Mapping[str, Secret]) -> ReadVariables:
        return variables.read(variables_)

    async def account_from_variables(self, variables_: Mapping[str, Secret]) -> SignInResult:
        texts = {name: value.reveal().strip() for name, value in variables_.items()}
        signed_in = self._at(variables.server_url(texts))
        if variables.has_key(texts):
            key = api_keys.api_key(texts["MESH_API_KEY"])
            return await api_keys.signed_in_by_key(signed_in, key, imported=True)
        if not variables.has_tokens(texts):
            raise InvalidRequest(
                "These variables hold no key and no complete sign-in of Mesh.",
                hint="MESH_API_KEY is enough; or sign in.",
            )
        foreign = ForeignSignIn(
            {
                "access_token": texts["MESH_ACCESS_TOKEN"],
                "refresh_token": texts["MESH_REFRESH_TOKEN"],
                "expires_at": float(texts["MESH_TOKEN_EXPIRES_AT"]),
            }
        )
        return await taken_over(signed_in, foreign, self._clock)

    async def found_accounts(self) -> Sequence[FoundAccount]:
        return await self._records.found(self._default_url())

    async def take_over(self, found_id: str) -> SignInResult:
        foreign = await self._records.read(found_id)
        return await taken_over(self._at(self._default_url()), foreign, self._clock)

    def _default_url(self) -> str:
        """Where the SDK goes: it stores no address with what it keeps."""
        return variables.server_url(self._context.environ)

    def _at(self, url: str) -> SignedIn:
        address = canonical(url)
        preset = self._context.catalogue(address)
        named = preset.name if preset is not None and preset.provider == self.id else ""
        backend = MeshBackend(address, self._context.http, self._clock)
        return SignedIn(backend, self._tenant, self._clock, named)
