"""A person's picture, of which only the bytes themselves are believed."""

from __future__ import annotations

from manager.core.provider import Avatar

LARGEST = 256 << 10
"""Bytes."""
_LONGEST_LINK = 2048

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
KINDS = ("image/png", "image/jpeg", "image/webp", "image/gif")


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


def avatar_link(address: object) -> str | None:
    """An address of a picture that an account may keep; None for everything else."""
    if not isinstance(address, str) or not address.startswith("https://"):
        return None
    return address if len(address) <= _LONGEST_LINK else None
