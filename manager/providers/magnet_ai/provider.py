"""The provider `magnet-ai`: finds out which dialect a server speaks and leaves the rest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from manager.core.account import Identity, Server
from manager.core.credential import Credential, SessionToken
from manager.core.errors import (
    InvalidRequest,
    ProviderError,
    RateLimited,
)
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
    Verification,
)
from manager.core.secret import Secret
from manager.core.server_address import origin
from manager.core.sign_in_form import SignInForm
from manager.providers.http_client import HttpClient

from .dialect import Dialect
from .magnet_server import MagnetServer
from .pacing import Pacing
from .release_0_6 import Release06Dialect
from .seed import SeedDialect
from .v2 import V2Dialect
from .variables import API_KEY, NAMES, TOKEN, URL, address_in, read_variables, variables_for


class MagnetAiProvider:
    """See `core.provider.Provider` and the abilities. Remembers how much each token may still ask,
    and nothing of accounts."""

    id = "magnet-ai"
    name = "Magnet AI"

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._pacing = Pacing(clock)
        spoken: tuple[Dialect, ...] = (V2Dialect(clock), Release06Dialect(), SeedDialect(clock))
        self._spoken = {dialect.id: dialect for dialect in spoken}

    @property
    def dialects(self) -> tuple[str, ...]:
        """In the order of the probe: the most particular answer first."""
        return tuple(self._spoken)

    async def probe(self, url: str) -> ServerProbe | None:
        """Asks as nobody in particular. Raises ServerUnreachable or RateLimited where no dialect
        was recognised and the server was in trouble."""
        at, trouble = self._at(url), None
        for dialect in self._spoken.values():
            try:
                forms = await dialect.recognise(at)
            except RateLimited as busy:
                trouble = busy
                continue
            if forms is not None:
                return self._probe(at, dialect, forms)
        if trouble is not None:
            raise trouble
        return None

    async def probe_dialect(self, url: str, dialect: str) -> ServerProbe | None:
        """The person says so: nothing is asked. Raises InvalidRequest for an unknown dialect."""
        chosen = self._named(dialect)
        return self._probe(self._at(url), chosen, chosen.forms)

    async def begin_form(self, request: SignInRequest, form_id: str) -> PendingForm:
        at = self._at(request.server_url)
        if request.dialect:
            dialect = self._named(request.dialect)
        else:
            dialect = self._named((await self._recognised(request.server_url)).dialect)
        for form in dialect.forms:
            if form.id == form_id:
                return dialect.begin(at, request, form)
        known = ", ".join(form.id for form in dialect.forms)
        raise InvalidRequest("There is no such way to sign in here.", hint=f"There are: {known}.")

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        """What renews goes to where it was issued, whatever the account's address is today."""
        del identity
        issuer = credential.renewal_endpoint if isinstance(credential, SessionToken) else None
        at = self._at(issuer or server.url)
        return await self._of(credential).refresh(at, credential)

    async def revoke(self, server: Server, credential: Credential) -> None:
        issuer = credential.revocation_endpoint if isinstance(credential, SessionToken) else None
        await self._of(credential).revoke(self._at(issuer or server.url), credential)

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        return await self._of(credential).verify(self._at(server.url), identity, credential)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        del request
        return self._of(credential).headers(credential)

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        del credential
        return (origin(server.url),)

    def credential_kinds(
        self, server: Server, credential: Credential
    ) -> tuple[CredentialKind, ...]:
        del server
        return self._of(credential).kinds(credential)

    async def list_credentials(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        return await self._of(credential).listed(self._at(server.url), credential, kind)

    async def create_credential(
        self,
        server: Server,
        identity: Identity,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        del identity
        return await self._of(credential).create(self._at(server.url), credential, kind, values)

    async def revoke_credential(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        await self._of(credential).end(self._at(server.url), credential, kind, credential_id)

    def variables_for(self, server: Server, credential: Credential) -> Mapping[str, Secret]:
        return variables_for(server, credential)

    @property
    def variable_names(self) -> tuple[str, ...]:
        return NAMES

    def read_variables(self, variables: Mapping[str, Secret]) -> ReadVariables:
        return read_variables(variables)

    async def account_from_variables(self, variables: Mapping[str, Secret]) -> SignInResult:
        """The program that the variables were made for goes on using what they hold: it is never
        revoked from here."""
        where = address_in(variables)
        if where is None:
            raise InvalidRequest(f"{URL} has to say for which server this is.")
        key, token = variables.get(API_KEY), variables.get(TOKEN)
        if not key and not token:
            raise InvalidRequest(
                "These variables hold neither a token nor a key.",
                hint=f"Set {TOKEN} or {API_KEY}.",
            )
        dialect, at = self._named((await self._recognised(where)).dialect), self._at(where)
        if key:
            result = await dialect.take_key(at, key)
        else:
            result = await dialect.take_token(at, token or Secret(""))
        return replace(result, credential=replace(result.credential, imported=True))

    async def _recognised(self, url: str) -> ServerProbe:
        probe = await self.probe(url)
        if probe is None:
            raise InvalidRequest(
                "This is no Magnet AI server, or it is hidden behind another.",
                hint=f"Name its dialect: {', '.join(self.dialects)}.",
            )
        return probe

    def _probe(
        self, at: MagnetServer, dialect: Dialect, forms: tuple[SignInForm, ...]
    ) -> ServerProbe:
        return ServerProbe(
            provider=self.id,
            server=at.server,
            sign_in_methods=(SignInMethod.FORM,),
            forms=forms,
            dialect=dialect.id,
        )

    def _at(self, url: str) -> MagnetServer:
        return MagnetServer(url, self._http, self._clock, self._pacing)

    def _named(self, dialect: str) -> Dialect:
        found = self._spoken.get(dialect)
        if found is None:
            raise InvalidRequest(
                "Magnet AI has no such dialect.", hint=f"Choose from: {', '.join(self.dialects)}."
            )
        return found

    def _of(self, credential: Credential) -> Dialect:
        found = self._spoken.get(credential.dialect)
        if found is None:
            raise ProviderError("This account does not hold a sign-in of Magnet AI.")
        return found
