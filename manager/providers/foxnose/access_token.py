"""What an access token says of itself (RFC 7519): who, and until when.

FoxNose's answers name no lifetime, the token's `exp` does.
"""

from __future__ import annotations

from dataclasses import dataclass

from manager.core.moment import Moment, Validity
from manager.core.secret import Secret
from manager.oauth.server_text import shown
from manager.oauth.unverified_claims import claims_of, numeric_date


@dataclass(frozen=True, slots=True)
class Claims:
    """Seconds since the epoch, None where not said; texts empty where not said."""

    subject: str = ""
    email: str = ""
    name: str = ""
    expires_at: float | None = None


def claims(token: Secret) -> Claims | None:
    """None where the token is no JSON Web Token, or one that says nothing."""
    found = claims_of(token)
    if not found:
        return None
    return Claims(
        _subject(found.get("user_id")) or _subject(found.get("sub")),
        shown(found.get("email")),
        shown(found.get("name")),
        numeric_date(found.get("exp")),
    )


def validity_when_pasted(token: Secret, now: Moment) -> Validity:
    """Of a token of unknown age: what is left of it, 0 for one that has ended."""
    expires = numeric_date(claims_of(token).get("exp"))
    left = None if expires is None else max(0.0, expires - now.wall)
    return Validity(now, left)


def _subject(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and len(value) <= 200 else ""
