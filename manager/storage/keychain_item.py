"""The one small item that the keychain keeps for an account: the key that seals its records."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from manager.core.errors import KeyCorrupt

KEY_SIZE = 32
_VERSION = 1


@dataclass(frozen=True, slots=True)
class KeyItem:
    """`key`: 32 bytes, in a bytearray so that it can be wiped; `generation` changes with the key,
    not with every rotation."""

    account_id: str
    generation: int
    key: bytearray

    def __repr__(self) -> str:
        return f"KeyItem({self.account_id!r}, generation {self.generation})"

    def wipe(self) -> None:
        """Overwrite the key in memory, as far as Python lets us."""
        for index in range(len(self.key)):
            self.key[index] = 0


def encode(item: KeyItem) -> str:
    """About 150 characters of JSON: Windows allows 2,560 bytes, the other stores more."""
    return json.dumps(
        {
            "v": _VERSION,
            "key": base64.b64encode(item.key).decode("ascii"),
            "account": item.account_id,
            "generation": item.generation,
        }
    )


def decode(text: str, account_id: str) -> KeyItem:
    """The item of this account. Raises KeyCorrupt for anything else; the error never shows it."""
    try:
        fields = json.loads(text)
        version, owner, generation = fields["v"], fields["account"], fields["generation"]
        key = bytearray(base64.b64decode(fields["key"], validate=True))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _corrupt() from None
    if version != _VERSION or owner != account_id or len(key) != KEY_SIZE:
        raise _corrupt()
    if type(generation) is not int or generation < 1:
        raise _corrupt()
    return KeyItem(account_id, generation, key)


def _corrupt() -> KeyCorrupt:
    return KeyCorrupt("The keychain's item of this account is damaged.")
