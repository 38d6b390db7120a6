from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.oauth.server_text import shown, shown_error_code


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  two\r\n lines ", "two lines"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("a\u2066b\u2069c\u200b\ufeffd", "abcd"),
        ("bell\x07\x1b[31m", "bell[31m"),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u06cc\u200c\u0634\u0648\u062f"),
        (None, ""),
        (7, ""),
        (["x"], ""),
    ],
)
def test_unseen_characters_never_reach_the_eye(sent, seen):
    assert shown(sent) == seen


@given(st.text(max_size=400))
def test_any_text_becomes_one_short_line(text):
    line = shown(text, 50)
    assert len(line) <= 50
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in line)


@given(st.text(max_size=200))
def test_any_error_code_becomes_short_ascii(code):
    seen = shown_error_code(code)
    assert len(seen) <= 64
    assert seen.isascii()
    assert seen.isprintable()
