"""One account as Speckle's programs write it down (speckle-sharp-sdk, Credentials/Account.cs)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import InvalidRequest
from manager.core.secret import Secret
from manager.core.server_address import canonical, origin
from manager.oauth.server_text import shown

from .presented_token import presented_token


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What is read of a row. `refresh_token`: None in rows that somebody made by hand."""

    token: Secret
    refresh_token: Secret | None
    server_url: str
    user_id: str
    email: str
    name: str

    @property
    def person(self) -> tuple[str, str]:
        """The same for every row of one account; its key is not, programs make it differently."""
        return (self.user_id or self.email or self.token.reveal()[:10], self.server_url)


class BadRow(Exception):
    """Why a row is no account that can be used; a sentence without anything of the row."""


def row_id(email: str, server_url: str) -> str:
    """The key under which today's programs expect the account."""
    digest = hashlib.md5((email + server_url).encode(), usedforsecurity=False)
    return digest.hexdigest().upper()


def parsed(content: object) -> AccountRow:
    """Raises BadRow."""
    row = fields_of(content)
    if row is None:
        raise BadRow("The entry is damaged.")
    server, user = row.get("serverInfo"), row.get("userInfo")
    if not isinstance(server, dict) or not isinstance(user, dict):
        raise BadRow("The entry names no server or no person.")
    token, refresh_token = row.get("token"), row.get("refreshToken")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise BadRow("The entry holds no token.")
    try:
        url = origin(canonical(str(server.get("url") or "")))
    except InvalidRequest:
        raise BadRow("The address of its server cannot be used.") from None
    usable = isinstance(refresh_token, str) and refresh_token.isascii() and bool(refresh_token)
    return AccountRow(
        token=Secret(token),
        refresh_token=Secret(str(refresh_token)) if usable else None,
        server_url=url,
        user_id=shown(user.get("id")),
        email=shown(user.get("email")),
        name=shown(user.get("name")),
    )


def fields_of(content: object) -> dict[str, Any] | None:
    try:
        row = json.loads(content) if isinstance(content, str | bytes) else None
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def is_default(content: str) -> bool:
    return (fields_of(content) or {}).get("isDefault") is True


def with_default(content: str, *, default: bool) -> str:
    """The same row but for that; what is no row stays as it is."""
    row = fields_of(content)
    return content if row is None else _text({**row, "isDefault": default})


def content_of(account: Account, credential: Credential, *, default: bool) -> tuple[str, str]:
    """Key and content of our row: whole, so that neither .NET nor pydantic stumbles over it, and
    without the refresh token."""
    server, identity = account.server, account.identity
    email = identity.label if "@" in identity.label else ""
    url = origin(server.url)
    moved = {"movedFrom": server.moved_from, "movedTo": None} if server.moved_from else None
    row = {
        "id": row_id(email, url),
        "token": presented_token(credential).reveal(),
        "refreshToken": None,
        "isDefault": default,
        "isOnline": True,
        "serverInfo": {
            "name": server.name,
            "company": None,
            "version": None,
            "description": None,
            "frontend2": True,
            "url": url,
            "migration": moved,
        },
        "userInfo": {
            "id": identity.subject,
            "name": identity.display_name,
            "email": email,
            "company": None,
            "avatar": identity.avatar_url,
        },
    }
    return row_id(email, url), _text(row)


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
