"""What an access token says of itself (RFC 7519): who, and until when.

Its signature is the server's matter: nothing here decides about anybody's rights. FoxNose's
answers name no lifetime, the token's `exp` does.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown

_LONGEST = 16_384
_NOBODY = ""
_YEAR_9999 = 253_370_764_800.0


@dataclass(frozen=True, slots=True)
class Claims:
    """Seconds since the epoch, None where not said; texts empty where not said."""

    subject: str = _NOBODY
    email: str = ""
    name: str = ""
    issued_at: float | None = None
    expires_at: float | None = None


def claims(token: Secret) -> Claims | None:
    """None where the token is no JSON Web Token."""
    parts = token.reveal().split(".")
    if len(parts) != 3 or len(parts[1]) > _LONGEST:
        return None
    try:
        content = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return None
    found = json_object(content)
    if found is None:
        return None
    return Claims(
        _subject(found.get("user_id")) or _subject(found.get("sub")),
        shown(found.get("email")),
        shown(found.get("name")),
        _seconds(found.get("iat")),
        _seconds(found.get("exp")),
    )


def validity_when_issued(token: Secret, now: Moment) -> Validity:
    """Of a token that has just come: its own lifetime, whatever this machine's clock says."""
    found = claims(token) or Claims()
    if found.expires_at is None:
        return Validity(now, None)
    return Validity(now, usable_lifetime(found.expires_at - (found.issued_at or now.wall)))


def validity_when_pasted(token: Secret, now: Moment) -> Validity:
    """Of a token of unknown age: what is left of it, 0 for one that has ended."""
    found = claims(token) or Claims()
    left = None if found.expires_at is None else max(0.0, found.expires_at - now.wall)
    return Validity(now, left)


def _subject(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if 0 < seconds < _YEAR_9999 else None
