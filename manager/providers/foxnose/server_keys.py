"""The Flux API keys of an environment and their bearer tokens, at the Management API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from manager.core.account import Server
from manager.core.credential import ApiKey, Credential, SigningKey
from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError, TimeHelps
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.provider_abilities import CreatedCredential, CredentialKind, ServerCredential
from manager.core.secret import Secret
from manager.core.sign_in_form import FieldKind, FormField
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown
from manager.providers.http_client import HttpAnswer, HttpClient

from .answers import detail, error_code, is_elsewhere, is_refusal, is_token, no_verdict
from .checking import is_of_a_person
from .management_api import ManagementApi
from .place import FLUX, MANAGEMENT, Place, is_prefix, place_of
from .sign_in import bearer_result, bearer_token, key_result, secure_key, simple_key

FLUX_API_KEY, BEARER_TOKEN = "flux_api_key", "bearer_token"
SECURE, SIMPLE = "secure", "simple"
_PAGE = 100
_MOST_PAGES = 20

_KEY_FIELDS = (
    FormField("description", "Description", hint="To know it again in FoxNose's dashboard."),
    FormField("role", "Role", required=False, hint="The key of one Flux role; none: everything."),
    FormField(
        "use", "Kept here as", FieldKind.CHOICE, required=False, choices=(SECURE, SIMPLE),
        default=SECURE,
    ),
)  # fmt: skip
_TOKEN_FIELDS = (FormField("key", "Flux API key", hint="The id of the key that the token is for."),)


class ServerKeys:
    """See `core.provider_abilities.ManagesCredentials`."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def kinds(self, server: Server, credential: Credential) -> tuple[CredentialKind, ...]:
        missing = _unavailable(credential, place_of(credential, server.url))
        return (
            CredentialKind(
                FLUX_API_KEY, "Flux API keys", _KEY_FIELDS, not missing, not missing, missing
            ),
            CredentialKind(
                BEARER_TOKEN, "Flux bearer tokens", _TOKEN_FIELDS, not missing, not missing, missing
            ),
        )

    async def listed(
        self, server: Server, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        place = self._place(server, credential, kind)
        found = await self._all(credential, place)
        if kind == BEARER_TOKEN:
            return [_shown_token(each) for each in found if each.get("bearer_token_prefix")]
        mine = credential.public_key if isinstance(credential, SigningKey) else None
        return [_shown_key(each, mine) for each in found]

    async def create(
        self,
        server: Server,
        credential: Credential,
        kind: str,
        values: Mapping[str, Secret],
    ) -> CreatedCredential:
        place = self._place(server, credential, kind)
        given = {name: value.reveal() for name, value in values.items()}
        if kind == BEARER_TOKEN:
            return await self._create_token(server, credential, place, given["key"])
        return await self._create_key(server, credential, place, given)

    async def revoke(
        self, server: Server, credential: Credential, kind: str, credential_id: str
    ) -> None:
        """What is gone already counts as revoked."""
        place = self._place(server, credential, kind)
        path = _segment(credential_id) + ("/bearer-token/" if kind == BEARER_TOKEN else "/")
        answer = await self._api(place).ask_keys(credential, place, "DELETE", path)
        if answer.status not in (200, 202, 204) and not _is_gone(answer):
            raise self._refused(answer)

    async def _create_key(
        self, server: Server, credential: Credential, place: Place, given: Mapping[str, str]
    ) -> CreatedCredential:
        description, role = given["description"], given.get("role")
        body: dict[str, object] = {"description": description}
        if role:
            body["role"] = role
        answer = await self._api(place).ask_keys(credential, place, "POST", "", body)
        if _wants_name_and_roles(answer):
            # Nothing was made: the server speaks the older documents' dialect.
            body = {"name": description, "roles": [role] if role else []}
            answer = await self._api(place).ask_keys(credential, place, "POST", "", body)
        made = self._object(answer)
        public_key, secret = made.get("public_key"), made.get("secret_key")
        if not (isinstance(public_key, str) and isinstance(secret, str) and is_token(secret)):
            raise ProviderError("FoxNose made a key, but did not show it.")
        kept = await self._flux_place(credential, place)
        return CreatedCredential(
            _shown_key(made, None),
            Secret(secret),
            _kept(server, kept, public_key, Secret(secret), given.get("use", SECURE)),
        )

    async def _create_token(
        self, server: Server, credential: Credential, place: Place, key: str
    ) -> CreatedCredential:
        """One a key: the token before it ends."""
        path = f"{_segment(key)}/bearer-token/"
        answer = await self._api(place).ask_keys(credential, place, "POST", path)
        made = self._object(answer)
        token = made.get("bearer_token")
        if not is_token(token):
            raise ProviderError("FoxNose issued a token, but did not show it.")
        kept = await self._flux_place(credential, place)
        secret = Secret(token)
        sign_in = None
        if kept.flux_url:
            sign_in = bearer_result(server, kept, bearer_token(kept, secret))
        return CreatedCredential(_shown_token({"key": key, **made}), secret, sign_in)

    async def _flux_place(self, credential: Credential, place: Place) -> Place:
        """For a key: with an API that it can be tried with, where the account may list them."""
        kept = replace(place, api=FLUX)
        if kept.api_prefix:
            return kept
        path = f"/v1/{_segment(place.environment)}/api/?limit={_PAGE}"
        try:
            answer = await self._api(place).ask(credential, "GET", path)
        except TimeHelps:
            return kept  # the key is made and shown once: nothing may come in between
        document = json_object(answer.body) if answer.status == 200 else None
        results = (document or {}).get("results")
        for each in results if isinstance(results, list) else ():
            if isinstance(each, dict) and each.get("is_auth_required") is True:
                prefix = each.get("prefix")
                if isinstance(prefix, str) and is_prefix(prefix):
                    return replace(kept, api_prefix=prefix)
        return kept

    async def _all(self, credential: Credential, place: Place) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for page in range(_MOST_PAGES):
            query = f"?limit={_PAGE}&offset={page * _PAGE}"
            answer = await self._api(place).ask_keys(credential, place, "GET", query=query)
            document = self._object(answer)
            results = document.get("results")
            listed = results if isinstance(results, list) else []
            found += [each for each in listed if isinstance(each, dict)]
            if not document.get("next"):
                break
        return found

    def _place(self, server: Server, credential: Credential, kind: str) -> Place:
        if kind not in (FLUX_API_KEY, BEARER_TOKEN):
            raise InvalidRequest("FoxNose has no credentials of that kind.")
        place = place_of(credential, server.url)
        missing = _unavailable(credential, place)
        if missing:
            raise InvalidRequest(missing)
        return place

    def _object(self, answer: HttpAnswer) -> dict[str, Any]:
        document = json_object(answer.body) if answer.status in (200, 201) else None
        if document is None:
            raise self._refused(answer)
        return document

    def _refused(self, answer: HttpAnswer) -> Exception:
        if is_refusal(answer):
            return CredentialsRefused(
                "FoxNose does not accept this account's credential any more.",
                hint="Sign in again.",
            )
        return no_verdict(answer, self._clock.now().wall)

    def _api(self, place: Place) -> ManagementApi:
        return ManagementApi(place.management_url, self._http, self._clock)


def _unavailable(credential: Credential, place: Place) -> str:
    if not is_of_a_person(credential) and place.api != MANAGEMENT:
        return "A Flux key manages no keys: use the account of a person or a Management key."
    if not place.environment:
        return "Sign in again and name the environment: keys belong to one."
    return ""


def _kept(
    server: Server, place: Place, public_key: str, secret: Secret, use: str
) -> SignInResult | None:
    if not place.flux_url:
        return None
    made: ApiKey | SigningKey
    if use == SIMPLE:
        made = simple_key(place, public_key, secret)
        return key_result(server, place, made, public_key)
    try:
        made = secure_key(place, public_key, secret)
    except CredentialsRefused:
        return None  # shown all the same: the server has made it and shows it once
    return key_result(server, place, made, made.public_key)


def _wants_name_and_roles(answer: HttpAnswer) -> bool:
    wrong = detail(answer).keys() if error_code(answer) == "validation_error" else set()
    return bool(wrong & {"name", "roles"})


def _is_gone(answer: HttpAnswer) -> bool:
    return is_elsewhere(answer) and error_code(answer) != ""


def _shown_key(found: Mapping[str, Any], mine: str | None) -> ServerCredential:
    public_key = shown(found.get("public_key"))
    role = shown(found.get("role"))
    return ServerCredential(
        id=shown(found.get("key")),
        kind=FLUX_API_KEY,
        name=shown(found.get("description")),
        hint=public_key,
        scopes=(role,) if role else (),
        created_at=_seconds(found.get("created_at")),
        is_current=bool(mine) and public_key == mine,
    )


def _shown_token(found: Mapping[str, Any]) -> ServerCredential:
    prefix = shown(found.get("bearer_token_prefix"))
    return ServerCredential(
        id=shown(found.get("key")),
        kind=BEARER_TOKEN,
        name=shown(found.get("description")) or f"Token of {shown(found.get('key'))}",
        hint=f"{prefix}…" if prefix else "",
        created_at=_seconds(found.get("bearer_token_issued_at")),
    )


def _seconds(value: object) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _segment(text: str) -> str:
    """One segment of a path. Raises InvalidRequest for what would be another path."""
    if not text or text in (".", "..") or len(text) > 200:
        raise InvalidRequest("This is not the id of a key.")
    return quote(text, safe="")
