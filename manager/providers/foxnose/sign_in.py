"""One form on its way: what was typed is checked with FoxNose and becomes a credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from manager.core.account import UNIDENTIFIED, Identity, Server
from manager.core.catalogue import PresetServer
from manager.core.credential import ApiKey, Credential, SessionToken, SigningKey
from manager.core.errors import CredentialsRefused, InvalidRequest
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret, fingerprint
from manager.core.sign_in_form import SignInForm
from manager.oauth.token_text import usable_token
from manager.oauth.unverified_claims import validity_when_issued
from manager.providers.http_client import HttpAnswer, HttpClient

from . import forms
from .access_token import Claims, claims, validity_when_pasted
from .answers import Pair, is_refusal, no_verdict, pair
from .checking import Checking, Verdict
from .key_pair import key_pair
from .management_api import ManagementApi
from .place import MANAGEMENT, Place, place_from, refresh_endpoint
from .renewal import renewed


class FoxNoseForm:
    """Keeps nothing that was typed."""

    def __init__(
        self,
        form: SignInForm,
        server: Server,
        preset: PresetServer | None,
        http: HttpClient,
        clock: Clock,
    ) -> None:
        self._form = form
        self._server = server
        self._preset = preset
        self._http = http
        self._clock = clock

    @property
    def form(self) -> SignInForm:
        return self._form

    async def submit(self, values: Mapping[str, Secret]) -> SignInResult | SignInForm:
        names = ("environment", "flux_url", "api_prefix", "api")
        typed = {name: values[name].reveal() for name in names if name in values}
        place = place_from(self._server.url, self._preset, typed)
        match self._form.id:
            case forms.PASSWORD:
                return await self._password(place, values)
            case forms.TOKEN_PAIR:
                return await self._token_pair(place, values)
            case forms.STATIC_TOKEN:
                return await self.static_token(place, values["access_token"])
            case forms.BEARER_TOKEN:
                return await self._bearer_token(place, values["bearer_token"])
            case forms.SIMPLE_KEY:
                simple = simple_key(place, values["public_key"].reveal(), values["secret_key"])
                return await self._checked(place, simple, values["public_key"].reveal())
            case forms.SECURE_KEY:
                secure = secure_key(place, values["public_key"].reveal(), values["private_key"])
                return await self._checked(place, secure, secure.public_key)
        raise InvalidRequest("There is no such form.")

    # A person -----------------------------------------------------------------------------------

    async def _password(self, place: Place, values: Mapping[str, Secret]) -> SignInResult:
        endpoint = self._endpoint(place, values)
        email = values["email"].reveal()
        answer = await self._management(place).log_in(email, values["password"])
        found = pair(answer)
        if found is None:
            raise self._refused(answer, "FoxNose does not accept this address and password.")
        session = self._session(place, found, endpoint)
        who = claims(found.access) or Claims()
        return self._result(session, _person(who, email, found.access))

    async def _token_pair(self, place: Place, values: Mapping[str, Secret]) -> SignInResult:
        access, refresh = _header(values["access_token"]), _header(values["refresh_token"])
        now, endpoint = self._clock.now(), self._endpoint(place, values)
        session = replace(
            self._session(place, Pair(access, refresh), endpoint),
            validity=validity_when_pasted(access, now),
            imported=True,
        )
        if await self._checking(place).verdict(session, place) is Verdict.REFUSED:
            # An access token lives for a day: what counts is whether the pair can be renewed.
            session = await self._renewed_at_once(session, place)
            assert session.token is not None
            access = session.token
        return self._result(session, _person(claims(access) or Claims(), "", access))

    async def _renewed_at_once(self, session: SessionToken, place: Place) -> SessionToken:
        assert session.refresh_token is not None
        assert session.renewal_endpoint is not None
        answer = await self._management(place).renew(
            session.renewal_endpoint, session.refresh_token
        )
        if is_refusal(answer):
            raise CredentialsRefused("FoxNose accepts neither of the two tokens.")
        return renewed(session, answer, self._clock.now())

    async def static_token(self, place: Place, token: Secret) -> SignInResult:
        """Raises CredentialsRefused, ServerUnreachable, RateLimited, ProviderError."""
        token = _header(token)
        credential = ApiKey(
            token,
            validity=validity_when_pasted(token, self._clock.now()),
            settings=replace(place, api=MANAGEMENT).settings(),
        )
        if await self._checking(place).verdict(credential, place) is Verdict.REFUSED:
            raise CredentialsRefused("FoxNose does not accept this access token (any more).")
        who = claims(token)
        if who is None:
            digest = fingerprint(token)
            who, key = Claims(f"token:{digest}", name=f"Access token {digest[:8]}"), digest
        else:
            key = "access_token"
        return self._result(credential, replace(_person(who, "", token), key=key))

    # A key --------------------------------------------------------------------------------------

    async def _bearer_token(self, place: Place, token: Secret) -> SignInResult:
        token = _header(token)
        credential = bearer_token(place, token)
        if await self._checking(place).verdict(credential, place) is Verdict.REFUSED:
            raise CredentialsRefused("FoxNose does not accept this bearer token.")
        return bearer_result(self._server, place, credential)

    async def _checked(
        self, place: Place, credential: ApiKey | SigningKey, public_key: str
    ) -> SignInResult:
        if await self._checking(place).verdict(credential, place) is Verdict.REFUSED:
            raise CredentialsRefused(
                "FoxNose does not accept this key.",
                hint="Check both halves, and which of the two APIs the key was made for.",
            )
        return key_result(self._server, place, credential, public_key)

    # Parts --------------------------------------------------------------------------------------

    def _management(self, place: Place) -> ManagementApi:
        return ManagementApi(place.management_url, self._http, self._clock)

    def _checking(self, place: Place) -> Checking:
        return Checking(self._management(place), self._clock)

    def _endpoint(self, place: Place, values: Mapping[str, Secret]) -> str:
        shown = next(each.default for each in self._form.fields if each.name == "refresh_path")
        typed = values["refresh_path"].reveal() if "refresh_path" in values else shown
        return refresh_endpoint(place.management_url, typed)

    def _session(self, place: Place, found: Pair, endpoint: str) -> SessionToken:
        return SessionToken(
            found.access,
            validity=validity_when_issued(found.access, self._clock.now()),
            refresh_token=found.refresh,
            renewal_endpoint=endpoint if found.refresh is not None else None,
            settings=place.settings(),
        )

    def _refused(self, answer: HttpAnswer, sentence: str) -> Exception:
        if is_refusal(answer):
            return CredentialsRefused(sentence)
        return no_verdict(answer, self._clock.now().wall)

    def _result(self, credential: Credential, identity: Identity) -> SignInResult:
        return SignInResult(self._server, identity, credential)


def simple_key(place: Place, public_key: str, secret_key: Secret) -> ApiKey:
    """Raises CredentialsRefused for what no header can carry."""
    both = Secret(f"{_header(Secret(public_key)).reveal()}:{_header(secret_key).reveal()}")
    return ApiKey(both, prefix="Simple ", key_id=public_key, settings=place.settings())


def secure_key(place: Place, public_key: str, private_key: Secret) -> SigningKey:
    """Raises CredentialsRefused."""
    found = key_pair(public_key, private_key)
    return SigningKey(found.public_key, found.private_key, settings=place.settings())


def bearer_token(place: Place, token: Secret) -> ApiKey:
    return ApiKey(token, key_id=fingerprint(token), settings=place.settings())


def key_result(
    server: Server, place: Place, credential: ApiKey | SigningKey, public_key: str
) -> SignInResult:
    """A key pair as an account: known by its public half."""
    capability = "sign" if isinstance(credential, SigningKey) else "headers"
    identity = Identity(
        subject=f"key:{place.environment}:{public_key}",
        label=f"{public_key[:8]}…{public_key[-4:]}",
        display_name=f"Key of {place.environment}",
        key=f"{capability}:{public_key}",
    )
    return SignInResult(server, identity, credential, capabilities=(capability,))


def bearer_result(server: Server, place: Place, credential: ApiKey) -> SignInResult:
    """A bearer token as an account: known by a digest, shown by the prefix that FoxNose shows."""
    shown = credential.key.reveal()[:12]
    digest = credential.key_id or ""
    identity = Identity(
        subject=f"bearer:{place.environment}:{digest}",
        label=f"{shown}…" if shown.startswith("fxk_") else f"Token {digest[:8]}",
        display_name=f"Bearer token of {place.environment}",
        key=digest,
    )
    return SignInResult(server, identity, credential)


def _person(who: Claims, email: str, token: Secret) -> Identity:
    """By what the token says, else by the address that was typed; else nobody knows who."""
    address = who.email or email
    subject = who.subject or address.lower()
    label = address or who.name or (f"User {subject[:12]}" if subject else "FoxNose user")
    return Identity(subject or UNIDENTIFIED + fingerprint(token), label, who.name or label)


def _header(token: Secret) -> Secret:
    """Trimmed. Raises CredentialsRefused for what no header can carry."""
    usable = usable_token(token.reveal().strip())
    if usable is None:
        raise CredentialsRefused("This is no token or key: it holds characters that none has.")
    return usable
