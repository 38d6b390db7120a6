"""Tokens and sessions of the seed's dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from .members import Member


@dataclass(frozen=True, slots=True)
class SeedToken:
    """A token, or the value of a session's cookie. `allowed_ips`: empty for anywhere."""

    value: str = field(repr=False)
    member: Member
    scopes: tuple[str, ...]
    allowed_ips: tuple[str, ...]
    expires_at: float

    def may(self, scope: str) -> bool:
        return scope in self.scopes or "admin" in self.scopes

    @property
    def expiry(self) -> str:
        """As the document writes it: `2025-12-31T23:59:59Z`."""
        return datetime.fromtimestamp(self.expires_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class SeedTokens:
    """Expired tokens are kept: they have an error of their own."""

    def __init__(self) -> None:
        self.live: dict[str, SeedToken] = {}
        self.refreshed: set[str] = set()
        """What was shown for a refresh once: a second time is a reuse."""

    def keep(self, token: SeedToken) -> SeedToken:
        self.live[token.value] = token
        return token

    def find(self, value: str) -> SeedToken | None:
        return self.live.get(value)

    def end(self, value: str) -> None:
        self.live.pop(value, None)
