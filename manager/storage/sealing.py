"""Sealing of records: ChaCha20-Poly1305 (RFC 8439), bound to what the record is for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from manager.core.errors import KeyCorrupt

_VERSION = b"\x01"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Binding:
    """The associated data: a record that is moved to another account, purpose or key generation
    does not open."""

    account_id: str
    kind: str
    generation: int

    def encoded(self) -> bytes:
        """Unambiguous: JSON quotes what it joins."""
        return json.dumps([1, self.account_id, self.kind, self.generation]).encode("ascii")


def seal(key: bytearray, content: bytes, binding: Binding, random: Callable[[int], bytes]) -> bytes:
    """Version byte, 12 random bytes of nonce, ciphertext with tag. `random(n)` gives n bytes.

    A random nonce is safe for 2^32 records under one key (one rotation a second for a century).
    """
    if not any(key):
        raise ValueError("a wiped key seals nothing")
    nonce = random(_NONCE)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, content, binding.encoded())
    return _VERSION + nonce + sealed


def unseal(key: bytearray, sealed: bytes, binding: Binding) -> bytes:
    """The content. Raises KeyCorrupt when anything about record, key or binding differs."""
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        if sealed[:1] != _VERSION:
            raise InvalidTag
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, binding.encoded())
    except (InvalidTag, ValueError):
        raise KeyCorrupt("The stored record of this account is damaged.") from None
