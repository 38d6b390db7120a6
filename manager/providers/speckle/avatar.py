"""A picture that a server holds itself, as text."""

from __future__ import annotations

import base64
import binascii

from manager.core.provider import Avatar
from manager.providers.avatar import LARGEST, avatar_of


def avatar_from_data_url(url: str) -> Avatar | None:
    """RFC 2397, base64 only, as Speckle's front end stores it."""
    head, comma, text = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        return None
    if len(text) > LARGEST * 4 // 3 + 4:
        return None
    try:
        return avatar_of(base64.b64decode(text, validate=True))
    except binascii.Error:
        return None
