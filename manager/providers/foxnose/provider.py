"""The provider `foxnose`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from manager.core.account import Identity, Server
from manager.core.catalogue import Catalogue
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import InvalidRequest, ProviderError, RefreshRefused
from manager.core.form_sign_in import PendingForm
from manager.core.ports import Clock
from manager.core.provider import (
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
    ReadVariables,
    ServerCredential,
    SignedOutThere,
    StillSignedIn,
    Verification,
)
from manager.core.secret import Secret
from manager.core.server_address import canonical, origin
from manager.core.sign_in_form import SignInForm, checked_values
from manager.providers.http_client import HttpClient

from . import forms, variables
from .access_token import claims
from .answers import is_foxnose, no_verdict
from .checking import Checking, Verdict, is_of_a_person
from .management_api import ManagementApi
from .place import (
    MANAGEMENT_URL,
    REFRESH_PATH,
    environment_in,
    is_flux_address,
    is_known,
    management_of,
    place_from,
    place_of,
    refresh_endpoint,
)
from .renewal import renewed
from .request_headers import request_headers
from .server_keys import ServerKeys
from .sign_in import FoxNoseForm


class FoxNoseProvider:
    """See `core.provider.Provider`. A server is the Management API's origin, or a Flux address."""

    id = "foxnose"
    name = "FoxNose"

    def __init__(self, http: HttpClient, clock: Clock, catalogue: Catalogue) -> None:
        self._http = http
        self._clock = clock
        self._catalogue = catalogue
        self._keys = ServerKeys(http, clock)

    # Signing in ---------------------------------------------------------------------------------

    async def probe(self, url: str) -> ServerProbe | None:
        """FoxNose's own addresses are known; anywhere else the documented refusal counts."""
        at = origin(url)
        if not (is_known(url) or self._is_described(at)):
            answer = await self._api(at).asked_by_nobody()
            if answer.status == 429 or answer.status >= 500:
                raise no_verdict(answer, self._clock.now().wall)
            if not is_foxnose(answer):
                return None
        return ServerProbe(
            provider=self.id,
            server=self._server(at),
            sign_in_methods=(SignInMethod.FORM,),
            forms=self._forms(at),
        )

    async def begin_form(self, request: SignInRequest, form_id: str) -> PendingForm:
        at = origin(request.server_url)
        form = next((each for each in self._forms(at) if each.id == form_id), None)
        if form is None:
            raise InvalidRequest("FoxNose has no such way to sign in at this address.")
        return FoxNoseForm(form, self._server(at), self._catalogue(at), self._http, self._clock)

    # Living on ----------------------------------------------------------------------------------

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        del identity
        if not isinstance(credential, SessionToken) or credential.refresh_token is None:
            raise RefreshRefused("This sign-in cannot be renewed.")
        place = place_of(credential, server.url)
        endpoint = credential.renewal_endpoint
        preset = self._catalogue(server.url)
        if preset is not None and preset.settings.get("refresh_path"):
            # Set after the sign-in, it puts a wrong path right.
            endpoint = refresh_endpoint(place.management_url, preset.settings["refresh_path"])
        if endpoint is None:
            raise RefreshRefused("This sign-in cannot be renewed.")
        answer = await self._api(place.management_url).renew(endpoint, credential.refresh_token)
        made = renewed(credential, answer, self._clock.now())
        return Refreshed(replace(made, renewal_endpoint=endpoint))

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        del identity
        place = place_of(credential, server.url)
        checking = Checking(self._api(place.management_url), self._clock)
        match await checking.verdict(credential, place):
            case Verdict.ACCEPTED:
                return StillSignedIn(server)
            case Verdict.REFUSED:
                return SignedOutThere(f"{server.name} does not accept this credential any more.")
        raise ProviderError(
            "FoxNose has no request to try this key with.",
            hint="Add it again with the prefix of one of the environment's APIs.",
        )

    async def revoke(self, server: Server, credential: Credential) -> None:
        """FoxNose documents no way to end a person's sign-in, and keys are ended by the account
        that manages them: always ProviderError."""
        if isinstance(credential, SessionToken) or is_of_a_person(credential):
            ends = _end(credential)
            when = "" if ends is None else f" at {datetime.fromtimestamp(ends, UTC):%F %R} UTC"
            raise ProviderError(
                f"This sign-in cannot be ended at the server; it ends by itself{when}.",
                hint="Forgotten here, it is of no use to anybody who has no copy of it.",
            )
        raise ProviderError(
            "A key does not end itself.",
            hint="Revoke it with the account that manages the environment, or in the dashboard.",
        )

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        return request_headers(credential, request, self._clock.now().wall)

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        return tuple(dict.fromkeys((origin(server.url), *place_of(credential, server.url).origins)))

    # Keys at the server -------------------------------------------------------------------------

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]:
        return self._keys.kinds(server, credential)

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        return await self._keys.listed(server, credential, kind)

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        del identity
        return await self._keys.create(server, credential, kind, values)

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        await self._keys.revoke(server, credential, kind, credential_id)

    # Variables ----------------------------------------------------------------------------------

    variable_names = variables.NAMES

    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        return variables.variables_for(server, credential)

    def read_variables(self, found: Mapping[str, Secret]) -> ReadVariables:
        return variables.read_variables(found)

    async def account_from_variables(self, found: Mapping[str, Secret]) -> SignInResult:
        read = variables.read_variables(found)
        if read.method is None or read.server_url is None:
            raise InvalidRequest(
                "These variables hold no credential of FoxNose.",
                hint=f"Set {variables.ACCESS_TOKEN}.",
            )
        at = origin(canonical(read.server_url))
        pairs = {
            "environment": variables.ENVIRONMENT, "flux_url": variables.BASE_URL,
            "api_prefix": variables.API_PREFIX, "access_token": variables.ACCESS_TOKEN,
            "bearer_token": variables.ACCESS_TOKEN, "public_key": variables.PUBLIC_KEY,
            "secret_key": variables.SECRET_KEY,
        }  # fmt: skip
        form = next(each for each in self._forms(at) if each.id == read.method)
        names = {field.name for field in form.fields}
        given = {
            name: found[pairs[name]].reveal()
            for name in pairs.keys() & names
            if pairs[name] in found
        }
        pending = await self.begin_form(SignInRequest(at), read.method)
        result = await pending.submit(checked_values(pending.form, given))
        assert isinstance(result, SignInResult)
        return result

    # Parts --------------------------------------------------------------------------------------

    def _forms(self, at: str) -> tuple[SignInForm, ...]:
        preset = self._catalogue(at)
        known = place_from(at, preset, {})
        path = REFRESH_PATH if preset is None else preset.settings.get("refresh_path", REFRESH_PATH)
        return forms.forms(known, path, flux_only=is_flux_address(at))

    def _is_described(self, at: str) -> bool:
        preset = self._catalogue(at)
        return preset is not None and preset.provider == self.id

    def _server(self, at: str) -> Server:
        preset = self._catalogue(at)
        if preset is not None and preset.provider == self.id:
            return Server(at, preset.name)
        if at == MANAGEMENT_URL:
            return Server(at, "FoxNose")
        environment = environment_in(at)
        return Server(at, f"FoxNose {environment}" if environment else at.partition("://")[2])

    def _api(self, url: str) -> ManagementApi:
        return ManagementApi(management_of(url), self._http, self._clock)


def _end(credential: Credential) -> float | None:
    """When the last token of it ends, by what the tokens say (unix seconds)."""
    tokens: tuple[Secret | None, ...] = ()
    if isinstance(credential, SessionToken):
        tokens = (credential.token, credential.refresh_token)
    elif isinstance(credential, ApiKey):
        tokens = (credential.key,)
    said = [claims(token) for token in tokens if token is not None]
    return max((each.expires_at for each in said if each and each.expires_at), default=None)
