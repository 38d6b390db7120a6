"""API keys: pasted as a sign-in of their own, and made for an account (mesh-sdk client.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import (
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RateLimited,
    ScopeNotGranted,
)
from manager.core.provider import SignInResult
from manager.core.provider_abilities import CreatedCredential, CredentialKind, ServerCredential
from manager.core.secret import Secret, fingerprint
from manager.core.sign_in_form import FieldKind, FormField, SignInForm
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown

from .signed_in import SignedIn

KIND = "api_key"
PREFIX = "mesh_"
_KEY = re.compile(r"mesh_[\x21-\x7e]{1,1024}")
FORM = SignInForm(
    id=KIND,
    title="API key",
    fields=(FormField("key", "API key", FieldKind.SECRET, hint="It begins with “mesh_”."),),
    note="For servers and scripts: a key does not expire and acts with all rights of its owner.",
)
CREDENTIAL_KIND = CredentialKind(
    id=KIND,
    label="API keys",
    fields=(FormField("name", "Name", hint="How you know it again, such as where it is used."),),
    can_create=True,
    can_revoke=False,
)
_ELSEWHERE = "See and delete keys in the web interface of Mesh."


def api_key(text: str) -> Secret:
    """`text`, if it is a key by its looks. Raises CredentialsRefused."""
    if not _KEY.fullmatch(text.strip()):
        raise CredentialsRefused(
            "This is no API key of Mesh.", hint="A key begins with “mesh_”; copy all of it."
        )
    return Secret(text.strip())


def key_headers(key: Secret) -> dict[str, str]:
    """Both, as the SDK sends them: older backends read the first, newer ones the second."""
    return {"x-api-key": key.reveal(), "Authorization": f"ApiKey {key.reveal()}"}


def authorizing(credential: Credential) -> dict[str, str]:
    """Raises InvalidRequest for what is not of this kind of server."""
    if isinstance(credential, ApiKey):
        return key_headers(credential.key)
    if isinstance(credential, OAuthTokens):
        return {"Authorization": f"Bearer {credential.access_token.reveal()}"}
    raise InvalidRequest("This account holds another kind of credential.")


async def signed_in_by_key(
    signed_in: SignedIn, key: Secret, *, key_id: str | None = None, imported: bool = False
) -> SignInResult:
    """Show the key to the server, which says whose it is. Raises CredentialsRefused,
    ServerUnreachable, RateLimited, ProviderError."""
    identity = await signed_in.backend.identity(key_headers(key), {}, key=fingerprint(key))
    credential = ApiKey(key, prefix="ApiKey ", key_id=key_id, imported=imported)
    return SignInResult(signed_in.server, identity, credential)


class PendingApiKey:
    """PendingForm; keeps nothing that was pasted."""

    form = FORM

    def __init__(self, signed_in: SignedIn) -> None:
        self._signed_in = signed_in

    async def submit(self, values: Mapping[str, Secret]) -> SignInResult | SignInForm:
        key = api_key(values["key"].reveal())
        try:
            return await signed_in_by_key(self._signed_in, key)
        except CredentialsRefused:
            raise CredentialsRefused("The server does not accept this API key.") from None


async def created(
    signed_in: SignedIn, credential: Credential, values: Mapping[str, Secret], now: float
) -> CreatedCredential:
    """POST /v1/mesh/api-keys; the key is shown once. `now`: unix seconds."""
    name = values["name"].reveal()
    answer = await signed_in.backend.create_key(authorizing(credential), name)
    document = json_object(answer.body)
    if answer.status == 401 and document is not None:
        raise CredentialsRefused("The server does not accept this account any more.")
    if answer.status == 403 and document is not None:
        raise ScopeNotGranted("The server does not let this account make API keys.")
    made = (document or {}).get("api_key")
    if answer.status not in (200, 201) or document is None:
        raise signed_in.backend.no_verdict(answer)
    if not document.get("success") or not isinstance(made, dict):
        raise ProviderError("The server made no API key and does not say why.")
    text, key_id = made.get("api_key"), made.get("key_id")
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise ProviderError("The server made an API key that cannot be used.", hint=_ELSEWHERE)
    key = Secret(text)
    listed = ServerCredential(
        id=key_id if isinstance(key_id, str) and key_id else fingerprint(key),
        kind=KIND,
        name=shown(made.get("name")) or name,
        hint=f"…{text[-4:]}",
        created_at=now,
    )
    return CreatedCredential(listed, key, await _as_account(signed_in, key, listed.id))


async def _as_account(signed_in: SignedIn, key: Secret, key_id: str) -> SignInResult | None:
    """The key is there, whatever its server says next: it is shown, if it cannot be kept."""
    try:
        return await signed_in_by_key(signed_in, key, key_id=key_id)
    except (CredentialsRefused, ProviderError, RateLimited):
        return None


def cannot_list() -> InvalidRequest:
    return InvalidRequest("Mesh does not tell programs which API keys there are.", hint=_ELSEWHERE)


def cannot_revoke() -> InvalidRequest:
    return InvalidRequest("Mesh does not let programs delete API keys.", hint=_ELSEWHERE)
