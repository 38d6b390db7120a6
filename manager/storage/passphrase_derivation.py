"""From a passphrase to a key: Argon2id (RFC 9106), its parameters kept beside what it opens."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from manager.core.errors import InvalidRequest, KeychainUnavailable
from manager.core.secret import Secret

KEY_SIZE = 32
SHORTEST = 8
"""Characters of a new passphrase (NIST SP 800-63B section 5.1.1.1)."""
_LONGEST = 1024
_SALT = 16


@dataclass(frozen=True, slots=True)
class Derivation:
    """RFC 9106 section 3.1: passes t, lanes p, memory m in KiB, 16 bytes of salt."""

    passes: int
    lanes: int
    memory: int
    salt: bytes

    @classmethod
    def new(cls, random: Callable[[int], bytes]) -> Derivation:
        """RFC 9106's second recommended option (t=3, p=4) with twice its memory: 128 MiB, about a
        third of a second on two slow cores; the first one's 2 GiB few small machines have."""
        return cls(passes=3, lanes=4, memory=128 * 1024, salt=random(_SALT))

    @property
    def sound(self) -> bool:
        """Whether a machine can be asked for it: a damaged header must not eat the memory."""
        return (
            1 <= self.passes <= 64
            and 1 <= self.lanes <= 64
            and 8 * self.lanes <= self.memory <= 4 * 1024 * 1024
            and len(self.salt) == _SALT
        )

    def weaker_than(self, other: Derivation) -> bool:
        return self.passes * self.memory < other.passes * other.memory

    def key(self, passphrase: Secret) -> bytearray:
        """32 bytes; takes its time without holding up other threads. Raises InvalidRequest,
        KeychainUnavailable where the memory is lacking."""
        text = unicodedata.normalize("NFKC", passphrase.reveal())
        if not text or len(text) > _LONGEST:
            raise InvalidRequest("This cannot be a passphrase: it is empty or too long.")
        argon2 = Argon2id(
            salt=self.salt,
            length=KEY_SIZE,
            iterations=self.passes,
            lanes=self.lanes,
            memory_cost=self.memory,
        )
        try:
            return bytearray(argon2.derive(text.encode("utf-8", "surrogatepass")))
        except MemoryError:
            raise KeychainUnavailable(
                f"There is too little memory to open the vault: it takes {self.memory // 1024} MiB."
            ) from None


def check_new(passphrase: Secret) -> None:
    """Raises InvalidRequest for a passphrase that is too short to be made one."""
    if len(passphrase.reveal()) < SHORTEST:
        raise InvalidRequest(f"A new passphrase has at least {SHORTEST} characters.")
