"""ID tokens (OpenID Connect Core section 2) and every way in which one can be wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

_making = threading.Lock()


def signing_key(number: int) -> RSAKey:
    """The server's key of that number; made once a process, however many servers run in it."""
    with _making:  # a cache alone lets two threads make two keys
        return _made(number)


@cache
def _made(number: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"practice-{number}", "use": "sig", "alg": "RS256"})


def jwks(number: int) -> dict[str, Any]:
    """The public keys: the one in use and, after a rotation, the one before it."""
    numbers = [number] if number == 0 else [number, number - 1]
    return {"keys": [signing_key(each).as_dict(private=False) for each in numbers]}


def claims(
    *, issuer: str, subject: str, audience: str, now: float, nonce: str | None, access_token: str,
    auth_time: float | None, lifetime: float = 3600,
) -> dict[str, Any]:  # fmt: skip
    """The claims of an honest ID token; times are unix seconds."""
    stated: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "iat": int(now),
        "exp": int(now + lifetime),
        "at_hash": _half_hash(access_token),
    }
    if auth_time is not None:
        stated["auth_time"] = int(auth_time)
    if nonce is not None:
        stated["nonce"] = nonce
    return stated


def spoil(honest: dict[str, Any], flaw: str) -> dict[str, Any]:
    """The claims with one flaw; those of the signature are in `sign`."""
    audience, issued = honest["aud"], honest["iat"]
    changes: dict[str, dict[str, Any]] = {
        "expired": {"iat": issued - 7200, "exp": issued - 3600},
        "extra_audience": {"aud": [audience, "another-client"]},
        "issued_in_future": {"iat": issued + 86400, "exp": issued + 90000},
        "wrong_at_hash": {"at_hash": _half_hash("another access token")},
        "wrong_audience": {"aud": "another-client"},
        "wrong_azp": {"aud": [audience, "another-client"], "azp": "another-client"},
        "wrong_issuer": {"iss": "https://issuer.invalid"},
        "wrong_nonce": {"nonce": "not the nonce that was sent"},
        "wrong_subject": {"sub": "somebody else"},
    }
    spoilt = {**honest, **changes.get(flaw, {})}
    if flaw == "missing_nonce":
        spoilt.pop("nonce", None)
    return spoilt


def sign(stated: dict[str, Any], key_number: int, flaw: str) -> str:
    """The token as text (RFC 7515 compact form)."""
    key = signing_key(key_number)
    header = {"alg": "RS256", "typ": "JWT", "kid": str(key.kid)}
    if flaw == "not_a_token":
        return "this.is.no-token"
    if flaw == "alg_none":
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(stated)}."
    if flaw == "alg_hs256":
        # The classic confusion: the public key, which anybody has, as the HMAC's secret.
        signed = f"{_part({**header, 'alg': 'HS256'})}.{_part(stated)}"
        mac = hmac.new(key.as_pem(private=False), signed.encode(), "sha256").digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    if flaw == "unknown_kid":
        header["kid"] = "no-such-key"
    if flaw == "bad_signature":
        key = signing_key(-1)
    return jwt.encode(header, stated, key)


def _half_hash(value: str) -> str:
    """Base64url of the left half of the SHA-256 (OIDC Core 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).decode()[:22]


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
