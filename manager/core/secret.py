"""A value that cannot be printed by accident."""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn

_MASK = "Secret(***)"


class Secret:
    """Text that must never reach a log, a traceback, a repr or a pickle.

    `reveal` is the one way to the text, so that every use can be found by name.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it as late as possible and keep no copy."""
        return self._text

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return _MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self), _bytes(other))

    __hash__ = None  # type: ignore[assignment]  # a hash of a secret is a fingerprint of it

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")


def fingerprint(key: Secret) -> str:
    """48 bits of a digest, in hex, to know a key again by. For keys that a machine made only: from
    the digest of a password the password can be guessed."""
    return hashlib.sha256(b"account-manager key\0" + _bytes(key)).hexdigest()[:12]


def _bytes(secret: Secret) -> bytes:
    # A server's JSON may hold lone surrogates, which plain UTF-8 refuses.
    return secret.reveal().encode("utf-8", "surrogatepass")
