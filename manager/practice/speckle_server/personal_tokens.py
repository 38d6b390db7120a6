"""Personal access tokens in GraphQL: `apiTokens`, `apiTokenCreate` and `apiTokenRevoke`
(speckle-server, modules/core/services/tokens.ts, modules/core/helpers/token.ts)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .applications import ALL_SCOPES
from .token_store import SpeckleToken, SpeckleTokenStore

_DEFAULT_LIFESPAN = 3_154_000_000_000  # milliseconds; the column's default
_TOKENS_WRITE = "tokens:write"


class TokenRefused(Exception):
    """The text is the server's; `code` is the error's."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def listed(store: SpeckleTokenStore, login: str) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "name": each.name,
            "lastChars": each.value[-6:],
            "scopes": list(each.scopes),
            "createdAt": _iso(each.created_at),
            "lifespan": _DEFAULT_LIFESPAN if each.lifespan is None else int(each.lifespan * 1000),
            "lastUsed": _iso(store.last_used.get(each.id, each.created_at)),
        }
        for each in store.personal(login)
    ]


def create(store: SpeckleTokenStore, by: SpeckleToken, wish: Any, now: float) -> str:
    """The new token, whole, this once. Raises TokenRefused."""
    wish = wish if isinstance(wish, dict) else {}
    scopes, lifespan = wish.get("scopes"), wish.get("lifespan")
    if not isinstance(wish.get("name"), str) or not isinstance(scopes, list):
        raise TokenRefused('Variable "$token" got an invalid value.', "BAD_USER_INPUT")
    if _TOKENS_WRITE in scopes:
        message = "You can't create a personal access token with the tokens:write scope"
        raise TokenRefused(message, "TOKEN_CREATE_ERROR")
    if not set(scopes) <= set(by.scopes):
        message = "You can't create a token with scopes that you don't have"
        raise TokenRefused(message, "TOKEN_CREATE_ERROR")
    if not set(scopes) <= set(ALL_SCOPES):
        raise TokenRefused("Unknown scope", "BAD_USER_INPUT")
    seconds = None if lifespan is None else float(lifespan) / 1000
    return store.issue_personal(by.login, wish["name"], tuple(scopes), seconds, now).value


def revoke(store: SpeckleTokenStore, login: str, token: str) -> bool:
    """By id, whole or as `Bearer x`. Raises TokenRefused for one that is not the person's."""
    given = token.split(" ")[1] if "bearer" in token.lower() else token
    if not store.revoke(given, login):
        raise TokenRefused("Did not revoke token", "USER_INPUT_ERROR")
    return True


def _iso(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
