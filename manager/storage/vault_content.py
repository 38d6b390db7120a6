"""The vault's file without any I/O: a passphrase's key opens the vault's key, that one the items.

    {"format": "account-manager-vault", "version": 1,
     "header": {"kdf": "argon2id", "passes", "lanes", "memory_kib", "salt", "key"},
     "digest": SHA-256 of the header, "items": sealed}

`salt`, `key` and `items` are base64. The digest tells a damaged header from a wrong passphrase; it
protects nothing. All items are sealed as one: an item that somebody cut out is damage, never
"missing". A new passphrase seals the vault's key anew and leaves the items as they are.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from manager.core.errors import KeychainUnavailable, PassphraseRefused

from .passphrase_derivation import KEY_SIZE, Derivation

_FORMAT, _VERSION = "account-manager-vault", 1
_NONCE = 12


class VaultDamaged(KeychainUnavailable):
    """The file is there and is not what was written; it is left as it is."""

    default_hint = "Restore the file from a backup, or move it away and sign in again."


class VaultTooNew(KeychainUnavailable):
    """A later version of this program wrote the file."""

    default_hint = "Use the later version; this one changes nothing in the file."


@dataclass(frozen=True, slots=True)
class VaultContent:
    """`sealed_key`, `sealed_items`: 12 bytes of nonce, ciphertext with tag (RFC 8439)."""

    derivation: Derivation
    sealed_key: bytes
    sealed_items: bytes

    def key(self, key_encryption_key: bytearray) -> bytearray:
        """The vault's key. Raises PassphraseRefused."""
        bound = _key_binding(self.derivation)
        try:
            return bytearray(_unsealed(key_encryption_key, self.sealed_key, bound))
        except InvalidTag:
            raise PassphraseRefused("This is not the vault's passphrase.") from None

    def items(self, key: bytearray) -> dict[str, str]:
        """Texts by account id. Raises VaultDamaged."""
        try:
            items = json.loads(_unsealed(key, self.sealed_items, _ITEMS))
        except (InvalidTag, ValueError):
            raise _damaged() from None
        if not isinstance(items, dict):
            raise _damaged()
        return items

    def encoded(self) -> bytes:
        header = _header(self.derivation) | {"key": _base64(self.sealed_key)}
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "header": header,
            "digest": _digest(header),
            "items": _base64(self.sealed_items),
        }
        return json.dumps(document, indent=1).encode("ascii") + b"\n"


def sealed_content(
    derivation: Derivation,
    key_encryption_key: bytearray,
    key: bytearray,
    items: Mapping[str, str],
    random: Callable[[int], bytes],
) -> VaultContent:
    """A vault of these items. `random(n)` gives n bytes."""
    return VaultContent(
        derivation,
        _sealed(key_encryption_key, bytes(key), _key_binding(derivation), random),
        sealed_items(key, items, random),
    )


def sealed_items(key: bytearray, items: Mapping[str, str], random: Callable[[int], bytes]) -> bytes:
    return _sealed(key, json.dumps(dict(items)).encode("ascii"), _ITEMS, random)


def decoded(content: bytes) -> VaultContent:
    """Raises VaultDamaged, VaultTooNew."""
    try:
        document = json.loads(content)
        if document["format"] != _FORMAT or type(document["version"]) is not int:
            raise _damaged()
        if document["version"] > _VERSION:
            raise VaultTooNew("A later version of Account Manager wrote the vault.")
        header = document["header"]
        if document["digest"] != _digest(header) or header["kdf"] != "argon2id":
            raise _damaged()
        found = VaultContent(
            Derivation(
                passes=_number(header["passes"]),
                lanes=_number(header["lanes"]),
                memory=_number(header["memory_kib"]),
                salt=_bytes(header["salt"]),
            ),
            _bytes(header["key"]),
            _bytes(document["items"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _damaged() from None
    if not found.derivation.sound:
        raise _damaged()
    return found


def new_key(random: Callable[[int], bytes]) -> bytearray:
    return bytearray(random(KEY_SIZE))


_ITEMS = b"account-manager vault 1 items"


def _key_binding(derivation: Derivation) -> bytes:
    return b"account-manager vault 1 key " + json.dumps(_header(derivation)).encode("ascii")


def _header(derivation: Derivation) -> dict[str, Any]:
    return {
        "kdf": "argon2id",
        "passes": derivation.passes,
        "lanes": derivation.lanes,
        "memory_kib": derivation.memory,
        "salt": _base64(derivation.salt),
    }


def _digest(header: object) -> str:
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode("ascii")).hexdigest()


def _sealed(key: bytearray, content: bytes, bound: bytes, random: Callable[[int], bytes]) -> bytes:
    nonce = random(_NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, content, bound)


def _unsealed(key: bytearray, sealed: bytes, bound: bytes) -> bytes:
    if len(sealed) < _NONCE:
        raise InvalidTag
    return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _damaged() -> VaultDamaged:
    return VaultDamaged("The vault's file is damaged.")
