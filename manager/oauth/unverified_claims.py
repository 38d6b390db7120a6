"""What a JSON Web Token says of itself (RFC 7519), for tokens that another party checks.

An access token came from its server over our own connection and is only shown back to it, so
nobody's rights are decided by what is read here: it says who and until when, as a hint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.errors import ProviderError
from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret

from .key_set import unverified_claims

_LONGEST = 64 * 1024
_YEAR_9999 = 253_370_764_800.0


def claims_of(token: Secret) -> Mapping[str, Any]:
    """Empty where it is no such token."""
    text = token.reveal()
    if len(text) > _LONGEST or text.count(".") != 2:
        return {}
    try:
        return unverified_claims(token)
    except ProviderError:
        return {}


def validity_when_issued(token: Secret, now: Moment) -> Validity:
    """Of a token that has just come: from `iat` to `exp`, whatever this machine's clock says."""
    claims = claims_of(token)
    issued, expires = numeric_date(claims.get("iat")), numeric_date(claims.get("exp"))
    if expires is None:
        return Validity(now, None)
    return Validity(now, usable_lifetime(expires - (now.wall if issued is None else issued)))


def numeric_date(value: object) -> float | None:
    """Unix seconds (section 2, NumericDate); None for what is no moment of our times."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if 0 < seconds < _YEAR_9999 else None
