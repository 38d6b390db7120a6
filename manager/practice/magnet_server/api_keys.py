"""Keys for programs, in 0.6 and v2: shown once, then known by their last four characters."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`scopes`: None for a key of 0.6, which is an administrator's whoever made it."""

    id: str
    name: str
    value: str = field(repr=False)
    created_at: float
    created_by: str
    scopes: tuple[str, ...] | None = None
    expires_at: float | None = None
    is_active: bool = True

    def listed(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "created_at": moment(self.created_at),
            "updated_at": moment(self.created_at),
            "created_by": self.created_by,
            "updated_by": None,
            "value_masked": f"...{self.value[-4:]}",
            "expires_at": None if self.expires_at is None else moment(self.expires_at),
            "is_active": self.is_active,
            "notes": None,
        }
        return told if self.scopes is None else {**told, "scopes": list(self.scopes)}


class ApiKeys:
    def __init__(self) -> None:
        self.by_id: dict[str, StoredKey] = {}

    def make(
        self, name: str, created_by: str, now: float, scopes: tuple[str, ...] | None = None
    ) -> StoredKey:
        key = StoredKey(str(uuid4()), name, secrets.token_urlsafe(32), now, created_by, scopes)
        self.by_id[key.id] = key
        return key

    def find(self, value: str) -> StoredKey | None:
        return next((key for key in self.by_id.values() if key.value == value), None)


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
