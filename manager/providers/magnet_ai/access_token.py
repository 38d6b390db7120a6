"""What a JSON Web Token says of itself. It came from its server over our own connection and is
only shown back to it, so nothing here verifies the signature: the key is the server's secret."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.secret import Secret
from manager.oauth.json_object import json_object

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")  # what a header can carry


def usable_token(value: object) -> Secret | None:
    """A token that can be shown in a header; None for everything else."""
    return Secret(value) if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def claims_of(token: Secret) -> Mapping[str, Any]:
    """The claims; empty where it is no such token."""
    parts = token.reveal().split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return {}
    return json_object(payload) or {}


def validity_of(token: Secret, now: Moment, *, just_issued: bool) -> Validity:
    """How long it lives. One that was issued just now lives from `iat` to `exp`, whatever our
    clock says; an older one, or one without `iat`, until `exp` on our clock."""
    claims = claims_of(token)
    issued, expires = claims.get("iat"), claims.get("exp")
    if not _is_number(expires):
        return Validity(now, None)
    start = issued if just_issued and _is_number(issued) else now.wall
    return Validity(now, usable_lifetime(expires - start))


def unix_seconds(text: object) -> float | None:
    """A moment as these servers write it (ISO 8601; without a zone it is UTC)."""
    if not isinstance(text, str) or len(text) > 64:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
