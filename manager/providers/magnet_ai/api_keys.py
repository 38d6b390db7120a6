"""API keys of 0.6 and v2: sent in `x-api-key`, listed and made under `/api/admin/api_keys/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from manager.core.account import Identity
from manager.core.credential import ApiKey, Credential
from manager.core.errors import CredentialsRefused, InvalidRequest, ProviderError
from manager.core.provider import SignInResult
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ServerCredential,
    SignedOutThere,
    StillSignedIn,
    Verification,
)
from manager.core.secret import Secret, fingerprint
from manager.core.sign_in_form import FieldKind, FormField, words
from manager.oauth.json_object import json_array, strings
from manager.oauth.server_text import shown
from manager.oauth.server_time import unix_seconds
from manager.oauth.token_text import usable_token
from manager.providers.http_answer import HttpAnswer

from .answers import error_text, fulfilled, no_verdict, refusal
from .dialect import Typed
from .identity import who_is
from .magnet_server import MagnetServer

API_KEY = "api_key"
KEYS = "/api/admin/api_keys/"
_USER_ID = "user_id"
_NAME = FormField("name", "Name", hint="What the key is for.")
_SCOPES = FormField(
    "scopes",
    "Scopes",
    FieldKind.WORDS,
    required=False,
    hint="For example read:agents execute:agents. Only what you hold yourself can be given.",
)


class ApiKeys:
    """`who`: the path that tells whose a key is; `scoped`: keys are made with scopes (v2)."""

    def __init__(self, dialect: str, who: str, *, scoped: bool) -> None:
        self._dialect = dialect
        self._who = who
        self._scoped = scoped

    def kind(self, unavailable: str = "") -> CredentialKind:
        fields = (_NAME, _SCOPES) if self._scoped else (_NAME,)
        return CredentialKind(API_KEY, "API keys", fields, can_create=True, unavailable=unavailable)

    async def sign_in(self, at: MagnetServer, key: Secret, user_id: str = "") -> SignInResult:
        """A pasted key belongs to whoever made it: it is not deleted when the account goes.
        `user_id`: on whose behalf it is used (`x-user-id`)."""
        if usable_token(key.reveal()) is None:
            raise InvalidRequest("This is no API key: it holds spaces or other odd characters.")
        if user_id and usable_token(user_id) is None:
            raise InvalidRequest("This is no user id: it holds spaces or other odd characters.")
        kept = self._kept(key, user_id=user_id, imported=True)
        answer = await at.ask("GET", self._who, key_headers(kept))
        who = who_is(fulfilled(answer))
        if who is None:
            if is_unknown_key(answer):
                raise CredentialsRefused(f"{at.host} does not accept this API key.")
            raise refusal(answer)
        scopes = who.scopes or ()
        return SignInResult(
            at.server,
            who.identity(fingerprint(key)),
            replace(kept, scopes=scopes),
            scopes=scopes,
            capabilities=("headers",),
            roles=who.roles,
        )

    async def verify(self, at: MagnetServer, identity: Identity, key: ApiKey) -> Verification:
        answer = await at.ask("GET", self._who, key_headers(key))
        who = who_is(fulfilled(answer))
        if who is not None:
            return StillSignedIn(at.server, who.identity(identity.key), who.scopes, who.roles)
        if is_unknown_key(answer):
            return SignedOutThere("The server does not accept this API key any more.")
        raise no_verdict(answer)

    async def revoke(self, at: MagnetServer, key: ApiKey) -> None:
        """Deletes a key that was made for this account; a pasted one stays: see `sign_in`."""
        if key.imported:
            return
        if key.key_id is None:
            raise ProviderError(
                f"{at.host} deletes keys by their id, which is not known of this one.",
                hint="Delete it in the server's own settings.",
            )
        answer = await at.ask("DELETE", KEYS + key.key_id, key_headers(key), essential=True)
        if not (_is_deleted(answer) or _is_not_there(answer) or is_unknown_key(answer)):
            raise refusal(answer)

    async def listed(
        self, at: MagnetServer, headers: Mapping[str, str], credential: Credential
    ) -> Sequence[ServerCredential]:
        answer = await at.ask("GET", KEYS, headers)
        rows = _rows(answer)
        if rows is None:
            raise refusal(answer)
        found = [_listed(row) for row in rows]
        current = _current(found, credential)
        return tuple(_marked(each) if each.id == current else each for each in found if each.id)

    async def create(
        self, at: MagnetServer, headers: Mapping[str, str], values: Typed
    ) -> CreatedCredential:
        name = values["name"].reveal()
        scopes = words(values["scopes"].reveal()) if "scopes" in values else ()
        body: dict[str, object] = {"name": name}
        if self._scoped:
            body["scopes"] = list(scopes)
        answer = await at.ask("POST", KEYS, headers, json=body)
        told = fulfilled(answer) or {}
        key, key_id = usable_token(told.get("api_key")), told.get("id")
        if key is None or not isinstance(key_id, str):
            if answer.status == 400 and error_text(answer):
                raise InvalidRequest(f"{at.host} does not know such a name or scope for a key.")
            raise refusal(answer)
        made = ServerCredential(key_id, API_KEY, name, hint=f"…{key.reveal()[-4:]}", scopes=scopes)
        identity = Identity(f"api_key:{name}", name, name, key=fingerprint(key))
        sign_in = SignInResult(
            at.server,
            identity,
            replace(self._kept(key), scopes=scopes, key_id=key_id),
            scopes=scopes,
            capabilities=("headers",),
        )
        return CreatedCredential(made, key, sign_in)

    async def delete(self, at: MagnetServer, headers: Mapping[str, str], key_id: str) -> None:
        if not key_id.replace("-", "").isalnum():
            raise InvalidRequest("This is not the id of an API key.")
        answer = await at.ask("DELETE", KEYS + key_id, headers)
        if _is_not_there(answer):
            raise InvalidRequest(f"{at.host} has no such API key (any more).")
        if not _is_deleted(answer):
            raise refusal(answer)

    def _kept(self, key: Secret, *, user_id: str = "", imported: bool = False) -> ApiKey:
        return ApiKey(
            key,
            header="x-api-key",
            prefix="",
            imported=imported,
            dialect=self._dialect,
            settings=((_USER_ID, user_id),) if user_id else (),
        )


def key_headers(key: ApiKey) -> dict[str, str]:
    """Never as `Bearer`: 0.6 and v2 both answer 401 to that."""
    user_id = dict(key.settings).get(_USER_ID)
    shown = {"x-api-key": key.key.reveal()}
    return {**shown, "x-user-id": user_id} if user_id else shown


def is_unknown_key(answer: HttpAnswer) -> bool:
    return answer.status == 401 and bool(error_text(answer))


def _is_deleted(answer: HttpAnswer) -> bool:
    """204; or 200 without a page of somebody else's."""
    return answer.status == 204 or (answer.status == 200 and answer.body in (b"", b"null", b"{}"))


def _is_not_there(answer: HttpAnswer) -> bool:
    return answer.status == 404 and bool(error_text(answer))


def _rows(answer: HttpAnswer) -> list[dict[str, Any]] | None:
    document = json_array(answer.body) if answer.status == 200 else None
    return None if document is None else [row for row in document if isinstance(row, dict)]


def _listed(row: Mapping[str, Any]) -> ServerCredential:
    return ServerCredential(
        id=shown(row.get("id"), 64),
        kind=API_KEY,
        name=shown(row.get("name")) or "API key",
        hint=shown(row.get("value_masked"), 32).replace("...", "…"),
        scopes=strings(row.get("scopes")) or (),
        created_at=unix_seconds(row.get("created_at")),
        expires_at=unix_seconds(row.get("expires_at")),
    )


def _current(found: Sequence[ServerCredential], credential: Credential) -> str | None:
    """Which of them the account itself uses: by its id, or by its last characters where only one
    ends so."""
    if not isinstance(credential, ApiKey):
        return None
    if credential.key_id is not None:
        return credential.key_id
    ending = [each.id for each in found if each.hint == f"…{credential.key.reveal()[-4:]}"]
    return ending[0] if len(ending) == 1 else None


def _marked(entry: ServerCredential) -> ServerCredential:
    return replace(entry, is_current=True)
