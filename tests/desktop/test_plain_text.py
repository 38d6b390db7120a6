"""Whatever a server sends, the person sees plain text that stays where it is put."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.desktop.plain_text import address, initials, plain


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Alice", "Alice"),
        ("Alice\u202egpj.exe", "Alicegpj.exe"),
        ("\u2066Alice\u2069", "Alice"),
        ("two\r\nlines\tand\x00\x1b[31m red", "two lines and[31m red"),
        ("\ufeffhidden\u200bspaces", "hiddenspaces"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("\u0645\u064a\u200c\u062e", "\u0645\u064a\u200c\u062e"),
        (None, ""),
        (17, ""),
    ],
)
def test_plain(sent: object, shown: str) -> None:
    assert plain(sent) == shown


def test_plain_ends_long_text_in_an_ellipsis() -> None:
    assert plain("x" * 300, limit=10) == "xxxxxxxxx…"


@given(st.text())
def test_plain_never_lets_a_control_through(text: str) -> None:
    shown = plain(text)
    assert not any(ord(sign) < 32 or 0x202A <= ord(sign) <= 0x202E for sign in shown)
    assert plain(shown) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://app.speckle.systems", "app.speckle.systems"),
        ("https://app.speckle.systems/", "app.speckle.systems"),
        ("https://id.example/realms/one/", "id.example/realms/one"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("https://user:secret@id.example/x?y=z#f", "id.example/x"),
        ("https://\u0430pp.example", "xn--pp-6kc.example"),
        ("https://[::1]:8443", "[::1]:8443"),
        ("https://id.example:99999", ""),
        ("", ""),
    ],
)
def test_address(url: str, shown: str) -> None:
    assert address(url) == shown


@pytest.mark.parametrize(
    ("name", "identity", "letters"),
    [
        ("Alice Moreau", "", "AM"),
        ("Ana Maria de Souza", "", "AS"),
        ("", "alice@example.org", "A"),
        ("", "alice.moreau@example.org", "AM"),
        ("(?)", "", "?"),
        ("", "", "?"),
    ],
)
def test_initials(name: str, identity: str, letters: str) -> None:
    assert initials(name, identity) == letters
