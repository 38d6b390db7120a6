"""API keys of one environment: P-256 pairs that serve Simple and Secure, with a bearer token."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

MASK = "********"


@dataclass(slots=True)
class StoredKey:
    """`api`: `flux` or `management`. The real service keeps hashes; to check a Simple key this
    keeps one of the secret half, and of a bearer token too."""

    key: str
    api: str
    description: str | None
    role: str | None
    environment: str
    created_at: float
    public_key: str
    secret_sha256: str = field(repr=False)
    bearer_sha256: str = field(default="", repr=False)
    bearer_prefix: str | None = None
    bearer_issued_at: float | None = None

    def summary(self) -> dict[str, Any]:
        """As every read shows it: with the secret masked."""
        shown: dict[str, Any] = {
            "key": self.key,
            "description": self.description,
            "public_key": self.public_key,
            "secret_key": MASK,
            "role": self.role,
            "environment": self.environment,
            "created_at": timestamp(self.created_at),
        }
        if self.api == "flux":
            shown["bearer_token_prefix"] = self.bearer_prefix
            issued = self.bearer_issued_at
            shown["bearer_token_issued_at"] = None if issued is None else timestamp(issued)
        return shown


class KeyStore:
    def __init__(self, environment: str) -> None:
        self._environment = environment
        self.keys: dict[str, StoredKey] = {}
        self.issued: list[str] = []
        """Every secret half and bearer token ever shown."""

    def create(
        self, api: str, description: str | None, role: str | None, now: float
    ) -> tuple[StoredKey, str]:
        """A new key and its secret half: base64 of PKCS#8 DER."""
        pair = ec.generate_private_key(ec.SECP256R1())
        point = pair.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        content = pair.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        secret = base64.b64encode(content).decode()
        name = secrets.token_hex(6)
        made = StoredKey(
            name, api, description, role, self._environment, now,
            base64.b64encode(point).decode(), _digest(secret),
        )  # fmt: skip
        self.keys[name] = made
        self.issued.append(secret)
        return made, secret

    def listed(self, api: str) -> list[StoredKey]:
        return [each for each in self.keys.values() if each.api == api]

    def issue_bearer(self, key: StoredKey, now: float) -> str:
        """A new bearer token of the key; the one before it ends."""
        token = "fxk_" + secrets.token_urlsafe(32)
        key.bearer_sha256, key.bearer_prefix, key.bearer_issued_at = _digest(token), token[:12], now
        self.issued.append(token)
        return token

    def by_public_key(self, public_key: str, api: str) -> StoredKey | None:
        return next((each for each in self.listed(api) if each.public_key == public_key), None)

    def by_secret(self, public_key: str, secret: str, api: str) -> StoredKey | None:
        found = self.by_public_key(public_key, api)
        return found if found is not None and found.secret_sha256 == _digest(secret) else None

    def by_bearer(self, token: str) -> StoredKey | None:
        digest = _digest(token)
        return next((each for each in self.listed("flux") if each.bearer_sha256 == digest), None)

    @staticmethod
    def revoke_bearer(key: StoredKey) -> None:
        key.bearer_sha256, key.bearer_prefix, key.bearer_issued_at = "", None, None


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
