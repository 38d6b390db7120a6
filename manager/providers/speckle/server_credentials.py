"""What a Speckle server keeps for a person: personal access tokens and authorized apps
(speckle-server, apitoken.graphql and apps.graphql)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential, OAuthTokens
from manager.core.errors import (
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    ScopeNotGranted,
)
from manager.core.moment import Validity
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.provider_abilities import CreatedCredential, CredentialKind, ServerCredential
from manager.core.secret import Secret, fingerprint
from manager.core.sign_in_form import FieldKind, FormField, words
from manager.oauth.server_text import shown
from manager.oauth.server_time import unix_seconds

from .access_token import end_of, entries, is_own
from .presented_token import granted_scopes, presented_token
from .speckle_server import GraphqlData, SpeckleServer, TokenNotValid

TOKEN, APP = "personal_access_token", "authorized_app"
_TOKENS = """query Tokens {
  activeUser { apiTokens { id name lastChars scopes createdAt lifespan lastUsed } }
}"""
_APPS = "query Apps { activeUser { authorizedApps { id name scopes { name } } } }"
_CREATE = "mutation Create($token: ApiTokenCreateInput!) { apiTokenCreate(token: $token) }"
REVOKE_TOKEN = "mutation Revoke($token: String!) { apiTokenRevoke(token: $token) }"  # noqa: S105
_REVOKE_APP = "mutation Revoke($app: String!) { appRevokeAccess(appId: $app) }"
_DAY = 86_400_000  # milliseconds, which is what the server counts a lifespan in
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = (
    FormField("name", "Name", hint="How you will know it again."),
    FormField(
        "scopes",
        "Scopes",
        FieldKind.WORDS,
        hint="What it may do, at most what this account's own token may.",
        default="profile:read profile:email streams:read",
    ),
    FormField(
        "lifespan", "Days", FieldKind.NUMBER, required=False, hint="Left empty: it does not end."
    ),
)


class ServerCredentials:
    """The requests of ManagesCredentials for one account's server and credential."""

    def __init__(self, speckle: SpeckleServer, server: Server, credential: Credential) -> None:
        self._speckle = speckle
        self._server = server
        self._credential = credential
        self._token = presented_token(credential)

    async def listed(self, kind: str) -> Sequence[ServerCredential]:
        if kind == TOKEN:
            answer = await self._asked(_TOKENS, {}, "tokens:read")
            listed = entries(answer.data, "activeUser", "apiTokens")
            return [_shown_token(each, self._token) for each in listed]
        _known(kind)
        answer = await self._asked(_APPS, {}, "apps:read")
        listed = entries(answer.data, "activeUser", "authorizedApps")
        return [_shown_app(each, self._credential) for each in listed]

    async def created(
        self, identity: Identity, kind: str, values: Mapping[str, Secret], clock: Clock
    ) -> CreatedCredential:
        if kind != TOKEN:
            raise InvalidRequest(
                "These cannot be made here.", hint="An app is authorized by signing in with it."
            )
        name, scopes = values["name"].reveal(), _scopes(values["scopes"].reveal())
        days = int(values["lifespan"].reveal()) if "lifespan" in values else None
        wish: dict[str, object] = {"name": name, "scopes": list(scopes)}
        if days is not None:
            wish["lifespan"] = days * _DAY
        answer = await self._asked(_CREATE, {"token": wish}, "tokens:write")
        made = answer.data.get("apiTokenCreate")
        if "TOKEN_CREATE_ERROR" in answer.codes:
            raise InvalidRequest(
                "The server makes no token with these scopes.",
                hint="Name only scopes that this account's own token has; tokens:write is given to"
                " no personal access token.",
            )
        if not isinstance(made, str) or not made:
            raise ProviderError("The server did not make the token.")
        now, secret = clock.now(), Secret(made)
        seconds = None if days is None else days * 86_400.0
        key = ApiKey(
            key=secret,
            validity=None if seconds is None else Validity(now, seconds),
            key_id=made[:10],
            scopes=scopes,
        )
        entry = ServerCredential(
            id=made[:10],
            kind=TOKEN,
            name=name,
            hint=f"…{made[-6:]}",
            scopes=scopes,
            created_at=now.wall,
            expires_at=None if seconds is None else now.wall + seconds,
        )
        own = replace(identity, key=fingerprint(secret))
        return CreatedCredential(entry, secret, SignInResult(self._server, own, key, scopes))

    async def revoke(self, kind: str, credential_id: str) -> None:
        """Raises InvalidRequest where there is no such one (any more)."""
        _known(kind)
        if not _ID.fullmatch(credential_id):
            raise InvalidRequest("There is no such entry.")
        if kind == TOKEN:
            answer = await self._asked(REVOKE_TOKEN, {"token": credential_id}, "tokens:write")
            gone = answer.data.get("apiTokenRevoke")
        else:
            answer = await self._asked(_REVOKE_APP, {"app": credential_id}, "apps:write")
            gone = answer.data.get("appRevokeAccess")
        if gone is not True:
            raise InvalidRequest("There is no such entry (any more).", hint="Look at the list.")

    async def _asked(self, query: str, variables: Mapping[str, object], needed: str) -> GraphqlData:
        answer = await self._speckle.graphql(query, variables, self._token)
        if isinstance(answer, TokenNotValid) or "UNAUTHORIZED" in answer.codes:
            raise CredentialsRefused(
                f"{self._server.name} does not accept this sign-in any more.",
                hint="Sign in again, then try once more.",
            )
        if answer.missing_scope:
            raise ScopeNotGranted(lacking(self._server, needed), hint=HOW_TO_GET[needed])
        return answer


def kinds(server: Server, credential: Credential) -> tuple[CredentialKind, ...]:
    scopes = granted_scopes(credential)
    writes = "tokens:write" in scopes
    return (
        CredentialKind(
            id=TOKEN,
            label="Personal access tokens",
            fields=_FIELDS if writes else (),
            can_create=writes,
            can_revoke=writes,
            unavailable=_unavailable(server, scopes, "tokens:read"),
        ),
        CredentialKind(
            id=APP,
            label="Authorized apps",
            can_revoke="apps:write" in scopes,
            unavailable=_unavailable(server, scopes, "apps:read"),
        ),
    )


def lacking(server: Server, scope: str) -> str:
    return f"This account's token for {server.name} lacks the scope {scope}."


_PASTE = (
    "Sign in once more with a personal access token that has it (made in the web: Settings,"
    " Developer)."
)
_IN_THE_WEB = (
    "Do it in the web (Settings, Developer): Speckle gives this scope to no desktop program, and"
    " newer servers to no personal access token either."
)
HOW_TO_GET = {
    "tokens:read": _PASTE,
    "tokens:write": _IN_THE_WEB,
    "apps:read": _PASTE,
    "apps:write": _PASTE,
}


def _unavailable(server: Server, scopes: Sequence[str], needed: str) -> str:
    return "" if needed in scopes else f"{lacking(server, needed)} {HOW_TO_GET[needed]}"


def _known(kind: str) -> None:
    if kind not in (TOKEN, APP):
        raise InvalidRequest("A Speckle server keeps no such thing.")


def _scopes(text: str) -> tuple[str, ...]:
    scopes = words(text)
    if "tokens:write" in scopes:
        raise InvalidRequest(
            "Speckle gives the scope tokens:write to no personal access token.",
            hint="Leave it out.",
        )
    if not scopes:
        raise InvalidRequest("Scopes is missing.", hint="For example: profile:read streams:read")
    return scopes


def _shown_token(entry: Mapping[str, Any], token: Secret) -> ServerCredential:
    scopes = entry.get("scopes")
    last = shown(entry.get("lastChars"), 8)
    return ServerCredential(
        id=shown(entry.get("id"), 64),
        kind=TOKEN,
        name=shown(entry.get("name")) or "Token",
        hint=f"…{last}" if last else "",
        scopes=tuple(shown(each) for each in scopes) if isinstance(scopes, list) else (),
        created_at=unix_seconds(entry.get("createdAt")),
        expires_at=end_of(entry),
        last_used_at=unix_seconds(entry.get("lastUsed")),
        is_current=is_own(entry, token),
    )


def _shown_app(entry: Mapping[str, Any], credential: Credential) -> ServerCredential:
    own = credential.client.client_id if isinstance(credential, OAuthTokens) else None
    named = entry.get("scopes")
    scopes = [each.get("name") for each in named or () if isinstance(each, dict)]
    return ServerCredential(
        id=shown(entry.get("id"), 64),
        kind=APP,
        name=shown(entry.get("name")) or "App",
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)),
        is_current=own is not None and entry.get("id") == own,
    )
