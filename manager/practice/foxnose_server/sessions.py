"""Pairs of JSON Web Tokens (RFC 7519), rotated at every renewal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from manager.practice.people import Person

from .faults import FoxNoseFaults


class Sessions:
    """What was issued and still counts, by its `jti`. Answers say nothing of lifetimes: the
    tokens' own `exp` does."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self.access: dict[str, str] = {}
        self.refresh: dict[str, str] = {}
        self.rotated: set[str] = set()
        self.issued: list[str] = []
        """Every token ever made, for tests that look where one went."""
        self.claim = "user_id"
        """The claim that names the person; the documents name none."""

    def pair(self, person: Person, now: float, faults: FoxNoseFaults) -> dict[str, str]:
        claims: dict[str, Any] = {self.claim: person.subject}
        access = self._token({**claims, **_contact(person, faults)}, "access", now, faults)
        return {"access": access, "refresh": self._token(claims, "refresh", now, faults)}

    def whose(self, token: str, kind: str, now: float) -> str | None:
        """The subject of a token that counts now, by its signature, kind, end and identifier."""
        claims = self._claims(token)
        if claims is None or claims["token_type"] != kind or now >= claims["exp"]:
            return None
        live = self.access if kind == "access" else self.refresh
        return live.get(claims["jti"])

    def rotate(self, token: str) -> None:
        claims = self._claims(token) or {}
        if self.refresh.pop(claims.get("jti", ""), None) is not None:
            self.rotated.add(claims["jti"])

    def was_rotated(self, token: str) -> bool:
        return (self._claims(token) or {}).get("jti") in self.rotated

    def end_access(self) -> None:
        """Every access token ends; the sign-ins stay."""
        self.access.clear()

    def end_all(self) -> None:
        self.access.clear()
        self.refresh.clear()

    def _token(self, claims: dict[str, Any], kind: str, now: float, faults: FoxNoseFaults) -> str:
        life = faults.access_lifetime if kind == "access" else faults.refresh_lifetime
        jti, issued = secrets.token_hex(16), int(now)
        times = {"iat": issued, "exp": issued + life}
        content = {"token_type": kind, **times, "jti": jti, **claims}
        (self.access if kind == "access" else self.refresh)[jti] = claims[self.claim]
        text = _encoded({"alg": "HS256", "typ": "JWT"}) + "." + _encoded(content)
        self.issued.append(f"{text}.{self._signature(text)}")
        return self.issued[-1]

    def _claims(self, token: str) -> dict[str, Any] | None:
        text, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(text).encode(), signature.encode()):
            return None
        claims: dict[str, Any] = json.loads(_decoded(text.partition(".")[2]))
        return claims

    def _signature(self, text: str) -> str:
        digest = hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _contact(person: Person, faults: FoxNoseFaults) -> dict[str, str]:
    return {"email": person.email} if faults.email_claim else {}


def _encoded(value: object) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
