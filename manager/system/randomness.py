"""The machine's randomness."""

from __future__ import annotations

import random
import secrets


class SystemRandomness:
    """The port `Randomness` on the operating system's generator."""

    def __init__(self) -> None:
        self._generator = random.SystemRandom()

    def token(self, size: int = 32) -> str:
        """Raises ValueError below 16 bytes: RFC 6749 section 10.10 wants 128 bits at least."""
        if size < 16:
            raise ValueError("fewer than 16 bytes can be guessed")
        return secrets.token_urlsafe(size)

    def fraction(self) -> float:
        return self._generator.random()
