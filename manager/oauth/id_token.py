"""What an ID token must say to be believed (OpenID Connect Core sections 3.1.3.7 and 12.2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manager.core.errors import ProviderError
from manager.core.secret import Secret

from .key_set import signed_claims, token_header, unverified_claims

LEEWAY = 120.0
"""Seconds by which two clocks may differ (3.1.3.7 steps 9 and 10)."""
_CLOCK_HINT = "Check that the clock of this computer is right, then sign in again."


@dataclass(frozen=True, slots=True)
class ExpectedIdToken:
    """`issuer` as in the metadata; `nonce` as sent, None where no browser carried one (RFC 8628:
    the token came straight from the token endpoint to who holds the device code); `algorithms`:
    those that the server announces; `auth_time` and `acr` checks (RFC 9470) come with step-up."""

    issuer: str
    client_id: str
    nonce: str | None = field(repr=False)
    algorithms: Sequence[str] | None = None


def id_token_claims(
    token: Secret,
    keys: Mapping[str, Any],
    expected: ExpectedIdToken,
    *,
    access_token: Secret,
    now: float,
) -> dict[str, Any]:
    """The claims of an ID token that came with `access_token`, `now` in unix seconds.

    Raises UnknownKey (fetch the keys again), ProviderError.
    """
    claims = signed_claims(token, keys, allowed=expected.algorithms)
    _check_parties(claims, expected.issuer, expected.client_id)
    _check_times(claims, now)
    if expected.nonce is not None and claims.get("nonce") != expected.nonce:
        raise ProviderError("The server's ID token belongs to another sign-in.")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, token):
        raise ProviderError("The server's ID token belongs to another access token.")
    subject_of(claims)
    return claims


def check_refreshed(token: Secret, *, issuers: Sequence[str], client_id: str, subject: str) -> None:
    """Check an ID token that came with a refreshed access token (section 12.2).

    It came straight from the token endpoint, so TLS vouches for it in place of the signature
    (3.1.3.7 step 6), and its times are left alone: a wrong clock here, or keys that cannot be
    fetched now, must not cost a refresh token that has already been rotated. What must hold is
    that nobody else's tokens are stored. Raises ProviderError.
    """
    claims = unverified_claims(token)
    if claims.get("iss") not in issuers:
        raise ProviderError("The server's ID token names another server.")
    _check_audience(claims, client_id)
    if subject_of(claims) != subject:
        raise ProviderError("The server renewed the sign-in of somebody else.")


def subject_of(claims: Mapping[str, Any]) -> str:
    """`sub`: text of 1 to 255 characters (section 2). Raises ProviderError."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ProviderError("The server does not say who has signed in.")
    return subject


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    # A list that holds the issuer must not pass, so the types are compared as well.
    if not isinstance(claims.get("iss"), str) or claims["iss"] != issuer:
        raise ProviderError("The server's ID token names another server.")
    _check_audience(claims, client_id)


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise ProviderError("The server's ID token is for another program.")
    authorized = claims.get("azp")
    if authorized is None and len(audiences) > 1:
        raise ProviderError("The server's ID token does not say which program it is for.")
    if authorized is not None and authorized != client_id:
        raise ProviderError("The server's ID token was issued to another program.")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    if _seconds(claims, "exp") <= now - LEEWAY:
        raise ProviderError("The server's ID token has expired.", hint=_CLOCK_HINT)
    begins = [_seconds(claims, name) for name in ("iat", "nbf") if name == "iat" or name in claims]
    if max(begins) > now + LEEWAY:
        raise ProviderError("The server's ID token is from the future.", hint=_CLOCK_HINT)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProviderError("The server's ID token does not say when it is valid.")
    try:
        return float(value)
    except OverflowError:
        raise ProviderError("The server's ID token does not say when it is valid.") from None


def _half_hash(access_token: Secret, id_token: Secret) -> str:
    """The left half of the access token's hash, by the digest that the ID token's signature uses
    (section 3.1.3.8); SHA-512 for Ed25519, whose own digest that is (RFC 8032)."""
    digits = str(token_header(id_token).get("alg"))[-3:]
    algorithm = f"sha{digits}" if digits in ("256", "384", "512") else "sha512"
    digest = hashlib.new(algorithm, access_token.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")
