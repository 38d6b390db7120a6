"""Credentials as bytes and back: the one place of the storage that reveals secrets."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from manager.core.credential import ApiKey, Credential, OAuthTokens, SessionToken, SigningKey
from manager.core.errors import KeyCorrupt
from manager.core.secret import Secret

_VERSION = 1
_KINDS: dict[str, type[Credential]] = {
    "oauth_tokens": OAuthTokens,
    "api_key": ApiKey,
    "session_token": SessionToken,
    "signing_key": SigningKey,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(credential: Credential) -> bytes:
    """Versioned JSON, to be sealed at once. The standard encoder also carries lone surrogates."""
    content = msgspec.to_builtins(credential, enc_hook=_reveal)
    return json.dumps({"v": _VERSION, "kind": _NAMES[type(credential)], "is": content}).encode()


def decode(record: bytes) -> Credential:
    """Raises KeyCorrupt for anything that `encode` does not write; the error never shows it.
    Fields that a newer version added are left out."""
    try:
        fields = json.loads(record)
        if fields["v"] != _VERSION:
            raise KeyError
        return msgspec.convert(fields["is"], _KINDS[fields["kind"]], dec_hook=_conceal)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KeyCorrupt("The stored credential cannot be read by this version.") from None


def _reveal(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(f"no record form for {type(value).__name__}")


def _conceal(kind: type, value: Any) -> Secret:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError("not a secret")
