"""Who is asking: a person with an access token, or a key in one of its three forms."""

from __future__ import annotations

from dataclasses import dataclass

from manager.practice.http_message import HttpRequest

from .faults import FoxNoseFaults
from .key_store import KeyStore, StoredKey
from .sessions import Sessions
from .signature import verified_public_key


@dataclass(frozen=True, slots=True)
class Caller:
    """`key` is None for a person."""

    subject: str
    key: StoredKey | None = None


class Authentication:
    def __init__(self, sessions: Sessions, keys: KeyStore) -> None:
        self._sessions = sessions
        self._keys = keys
        self._seen: set[str] = set()

    def of_management(
        self, request: HttpRequest, now: float, faults: FoxNoseFaults
    ) -> Caller | None:
        """Bearer with an access token, or a management key as Simple or Secure."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            subject = self._sessions.whose(value, "access", now)
            return None if subject is None else Caller(subject)
        return self._key(request, "management", now, faults)

    def of_flux(self, request: HttpRequest, now: float, faults: FoxNoseFaults) -> Caller | None:
        """A Flux key as Simple or Secure, or its bearer token; a person's token counts nothing."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer":
            found = self._keys.by_bearer(value)
            return None if found is None else Caller(found.key, found)
        return self._key(request, "flux", now, faults)

    def _key(
        self, request: HttpRequest, api: str, now: float, faults: FoxNoseFaults
    ) -> Caller | None:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        found = None
        if scheme == "Simple":
            public_key, _, secret = value.partition(":")
            found = self._keys.by_secret(public_key, secret, api)
        elif scheme == "Secure":
            public_key = verified_public_key(request, now, faults.clock_tolerance) or ""
            if not (faults.replay_protection and value in self._seen):
                found = self._keys.by_public_key(public_key, api)
            self._seen.add(value)
        return None if found is None else Caller(found.key, found)
