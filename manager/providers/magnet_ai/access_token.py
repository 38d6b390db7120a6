"""How long a token lives that another program brought."""

from __future__ import annotations

from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret
from manager.oauth.unverified_claims import claims_of, numeric_date


def validity_when_brought(token: Secret, now: Moment) -> Validity:
    """Until its `exp` on our clock. The server has just accepted it: one that has ended here shows
    that our clock is wrong, and nothing is known."""
    expires = numeric_date(claims_of(token).get("exp"))
    return Validity(now, None if expires is None else usable_lifetime(expires - now.wall))
