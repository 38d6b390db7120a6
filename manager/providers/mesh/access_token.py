"""What an access token says of itself, and whether it is good as far as can be seen from here.

Nothing here checks a signature: the backend does. The SDK does the same (token_manager.py).
"""

from __future__ import annotations

from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret
from manager.oauth.unverified_claims import claims_of, numeric_date


def has_three_parts(token: Secret) -> bool:
    parts = token.reveal().split(".")
    return len(parts) == 3 and all(parts)


def validity_of(token: Secret, expires_in: object, sent: Moment) -> Validity:
    """By the answer's `expires_in`, else by the token's own `exp`, else not known."""
    lifetime = usable_lifetime(expires_in)
    if lifetime is None:
        expires = numeric_date(claims_of(token).get("exp"))
        lifetime = None if expires is None else max(expires - sent.wall, 1.0)
    return Validity(sent, lifetime)


def is_good_locally(token: Secret, validity: Validity, now: Moment) -> bool:
    """Three parts, and not expired by anything that is known."""
    remaining = validity.remaining(now)
    return has_three_parts(token) and (remaining is None or remaining > 0)
