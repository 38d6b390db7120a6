"""Open records: what is known of an account without the keychain, as a row and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from manager.core.account import Account, Identity, Renewal, Server
from manager.core.account_state import AccountState, AttentionNeeded, AttentionReason, SignedIn
from manager.core.errors import StorageCorrupt

COLUMNS = (
    "id",
    "provider",
    "server_url",
    "server_name",
    "subject",
    "label",
    "display_name",
    "avatar_url",
    "scopes",
    "capabilities",
    "attention",
    "revision",
    "renewal",
    "moved_from",
    "identity_key",
    "roles",
    "exported",
)


def to_row(account: Account) -> dict[str, Any]:
    """The account's columns; holds no secret."""
    state = account.state
    return {
        "id": account.id,
        "provider": account.provider,
        "server_url": account.server.url,
        "server_name": account.server.name,
        "subject": account.identity.subject,
        "label": account.identity.label,
        "display_name": account.identity.display_name,
        "avatar_url": account.identity.avatar_url,
        "scopes": json.dumps(account.scopes),
        "capabilities": json.dumps(account.capabilities),
        "attention": state.reason.value if isinstance(state, AttentionNeeded) else None,
        "revision": account.revision,
        "renewal": json.dumps(msgspec.to_builtins(account.renewal)),
        "moved_from": account.server.moved_from,
        "identity_key": account.identity.key,
        "roles": json.dumps(account.roles),
        "exported": int(account.exported),
    }


def from_row(row: Mapping[str, Any]) -> Account:
    """Raises StorageCorrupt for a row that `to_row` does not write."""
    try:
        return Account(
            id=row["id"],
            provider=row["provider"],
            server=Server(row["server_url"], row["server_name"], row["moved_from"]),
            identity=_identity(row),
            scopes=msgspec.convert(json.loads(row["scopes"]), tuple[str, ...]),
            capabilities=msgspec.convert(json.loads(row["capabilities"]), tuple[str, ...]),
            state=_state(row["attention"]),
            revision=row["revision"],
            renewal=msgspec.convert(json.loads(row["renewal"]), Renewal),
            roles=msgspec.convert(json.loads(row["roles"]), tuple[str, ...]),
            exported=bool(row["exported"]),
        )
    except (ValueError, TypeError, RecursionError):
        raise StorageCorrupt("The record of an account is damaged.") from None


def _identity(row: Mapping[str, Any]) -> Identity:
    return Identity(
        subject=row["subject"],
        label=row["label"],
        display_name=row["display_name"],
        avatar_url=row["avatar_url"],
        key=row["identity_key"],
    )


def _state(attention: str | None) -> AccountState:
    return SignedIn() if attention is None else AttentionNeeded(AttentionReason(attention))
