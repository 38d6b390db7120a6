"""JSON Web Tokens signed with a secret of the server (HS256, RFC 7515)."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey


def sign(claims: dict[str, Any], secret: str) -> str:
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(secret))


def read(token: str, secret: str, now: float, **expected: str) -> dict[str, Any] | None:
    """The claims of a token that we signed, is not past its `exp` and states what is expected."""
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return None
    if any(claims.get(name) != value for name, value in expected.items()):
        return None
    expires = claims.get("exp")
    return claims if isinstance(expires, int | float) and now < expires else None
