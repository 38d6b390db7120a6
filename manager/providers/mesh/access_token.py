"""What an access token says of itself, and whether it is good as far as can be seen from here.

Nothing here checks a signature: the backend does. The SDK does the same (token_manager.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager.core.errors import ProviderError
from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret
from manager.oauth.key_set import unverified_claims


def claims_of(token: Secret) -> Mapping[str, Any]:
    """Empty where the token is no JSON Web Token. Hints, never proof."""
    if not has_three_parts(token):
        return {}
    try:
        return unverified_claims(token)
    except ProviderError:
        return {}


def has_three_parts(token: Secret) -> bool:
    parts = token.reveal().split(".")
    return len(parts) == 3 and all(parts)


def validity_of(token: Secret, expires_in: object, sent: Moment) -> Validity:
    """By the answer's `expires_in`, else by the token's own `exp`, else not known."""
    lifetime = usable_lifetime(expires_in)
    if lifetime is None:
        expires = claims_of(token).get("exp")
        if isinstance(expires, int | float) and not isinstance(expires, bool):
            lifetime = max(float(expires) - sent.wall, 1.0)
    return Validity(sent, lifetime)


def is_good_locally(token: Secret, validity: Validity, now: Moment) -> bool:
    """Three parts, and not expired by anything that is known."""
    remaining = validity.remaining(now)
    return has_three_parts(token) and (remaining is None or remaining > 0)
