"""A person's picture, of which only the bytes themselves are believed."""

from __future__ import annotations

import base64
import binascii

from manager.core.provider import Avatar

LARGEST = 256 << 10
"""Bytes."""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def avatar_of(content: bytes) -> Avatar | None:
    """A picture of a kind that holds no scripts (SVG does), None for everything else."""
    if len(content) > LARGEST:
        return None
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return Avatar(media_type, content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Avatar("image/webp", content)
    return None


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
