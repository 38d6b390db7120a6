"""Pictures: their bytes decide what they are."""

from __future__ import annotations

import pytest

from manager.providers.avatar import KINDS, LARGEST, avatar_link, avatar_of


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_known_pictures(content: bytes, media_type: str) -> None:
    found = avatar_of(content)
    assert found is not None
    assert media_type in KINDS
    assert (found.media_type, found.content) == (media_type, content)


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload='x'/>", b"<html>", b"GIF89a" + bytes(LARGEST)]
)
def test_everything_else_is_none(content: bytes) -> None:
    assert avatar_of(content) is None


@pytest.mark.parametrize(
    "address", [None, 7, "", "http://acme.example/a.png", "https://" + "a" * 2048, "data:,x"]
)
def test_what_is_no_link_to_keep(address: object) -> None:
    assert avatar_link(address) is None
    assert avatar_link("https://acme.example/a.png") == "https://acme.example/a.png"
