"""Signatures by a server's published keys (RFC 7515, RFC 7517), checked with joserfc.

joserfc and the cryptography below it take 60 ms to load: they are imported when a sign-in ends.
"""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from manager.core.errors import ProviderError
from manager.core.secret import Secret

ALGORITHMS = frozenset(
    {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519",
    }
)  # fmt: skip
"""Public-key signatures only: no `none`, no HMAC with a secret that a desktop program cannot keep
(OpenID Connect Core section 3.1.3.7 steps 7 and 8)."""
_MOST_KEYS = 100
_LONGEST = 64 * 1024
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class UnknownKey(ProviderError):
    """No published key has the token's `kid`: the server may have changed its keys."""


def signed_claims(
    token: Secret, keys: Mapping[str, Any], *, allowed: Sequence[str] | None
) -> dict[str, Any]:
    """The claims of a signed JWT. `keys`: the JWK set; `allowed`: what the server says it uses.

    Raises UnknownKey, ProviderError. Neither quotes the token.
    """
    text = token.reveal()
    if len(text) > _LONGEST or text.count(".") != 2:
        raise ProviderError("The server's ID token is no signed token.")
    header = token_header(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise ProviderError("The server's ID token is not signed in a way that can be trusted.")
    if allowed is not None and algorithm not in allowed:
        raise ProviderError("The server's ID token is signed in a way it does not announce.")
    candidates = _candidates(keys, algorithm, header.get("kid"))
    for candidate in candidates:
        claims = _verified(text, candidate, algorithm)
        if claims is not None:
            return claims
    if not candidates:
        raise UnknownKey("The server's ID token is signed with a key that it does not publish.")
    raise ProviderError("The signature of the server's ID token is wrong.")


def token_header(token: Secret) -> dict[str, Any]:
    """The unverified header, to choose a key by. Raises ProviderError."""
    return _part(token, 0)


def unverified_claims(token: Secret) -> dict[str, Any]:
    """The claims without a look at the signature; see `id_token.check_refreshed` for when that is
    enough. Raises ProviderError."""
    return _part(token, 1)


def _part(token: Secret, index: int) -> dict[str, Any]:
    try:
        text = token.reveal().split(".")[index]
        part = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, IndexError, RecursionError):
        part = None
    if not isinstance(part, dict):
        raise ProviderError("The server's ID token is no signed token.")
    return part


def _candidates(keys: Mapping[str, Any], algorithm: str, kid: object) -> list[dict[str, Any]]:
    listed = keys.get("keys")
    if not isinstance(listed, list):
        raise ProviderError("The server publishes no usable keys.")
    return [
        key
        for key in listed[:_MOST_KEYS]
        if isinstance(key, dict)
        and key.get("kty") == _KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]


def _verified(text: str, candidate: dict[str, Any], algorithm: str) -> dict[str, Any] | None:
    from joserfc import jwk, jwt  # noqa: PLC0415  # 60 ms
    from joserfc.errors import JoseError, SecurityWarning  # noqa: PLC0415

    public = {name: value for name, value in candidate.items() if name not in _PRIVATE_PARTS}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a weak key is no key
            key = jwk.import_key(public)
            # `EdDSA` is deprecated in favour of `Ed25519`, and still what servers send.
            warnings.simplefilter("ignore")
            return dict(jwt.decode(text, key, algorithms=[algorithm]).claims)
    except (JoseError, SecurityWarning, ValueError, TypeError, KeyError, RecursionError):
        return None


_PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "key_ops"})
