"""Refresh tokens of v2: one family a login, rotated at use, ended whole when one is reused."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from .api_keys import moment
from .members import Member


class Refused(Exception):
    """The server says no; the text is what it says."""


class Conflict(Exception):
    """Somebody else has just rotated, or is about to: 409, to be tried again."""


@dataclass(frozen=True, slots=True)
class Session:
    """One refresh token; `id` is what the list of sessions calls it."""

    id: str
    value: str = field(repr=False)
    family: str
    member: Member
    device_info: str | None
    created_at: float
    expires_at: float
    revoked_at: float | None = None

    def listed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "device_info": self.device_info,
            "created_at": moment(self.created_at),
            "expires_at": moment(self.expires_at),
        }


class Sessions:
    def __init__(self) -> None:
        self._by_value: dict[str, Session] = {}

    def begin(
        self, member: Member, device: str | None, now: float, lifetime: float, family: str = ""
    ) -> Session:
        session = Session(
            str(uuid4()),
            secrets.token_urlsafe(48),
            family or str(uuid4()),
            member,
            device,
            now,
            now + lifetime,
        )
        self._by_value[session.value] = session
        return session

    def rotate(
        self, value: str, device: str | None, now: float, lifetime: float, grace: float
    ) -> Session:
        """The successor of a refresh token. Raises Refused, Conflict."""
        old = self._by_value.get(value)
        if old is None:
            raise Refused("Invalid refresh token")
        if old.revoked_at is not None:
            if now - old.revoked_at <= grace and self._lives(old.family, now):
                raise Conflict("Refresh token already rotated, please retry")
            self.end_family(old.family, now)
            raise Refused("Refresh token reuse detected — all sessions revoked")
        if old.expires_at < now:
            raise Refused("Refresh token expired")
        self._by_value[value] = replace(old, revoked_at=now)
        return self.begin(old.member, device, now, lifetime, old.family)

    def active(self, now: float, member: Member | None = None) -> list[Session]:
        return [
            each
            for each in self._by_value.values()
            if each.revoked_at is None and each.expires_at > now and member in (None, each.member)
        ]

    def find(self, value: str) -> Session | None:
        return self._by_value.get(value)

    def end_family(self, family: str, now: float) -> None:
        for value, each in self._by_value.items():
            if each.family == family and each.revoked_at is None:
                self._by_value[value] = replace(each, revoked_at=now)

    def end_all(self, now: float) -> None:
        for each in self.active(now):
            self.end_family(each.family, now)

    def _lives(self, family: str, now: float) -> bool:
        return any(each.family == family for each in self.active(now))
