"""Giving a scheme back changes one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.system.uri_scheme.mime_defaults import without_default

OURS, TYPE = "ours.desktop", "x-scheme-handler/speckle"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        (f"[Default Applications]\n{TYPE}={OURS}\na/b=c\n", "[Default Applications]\na/b=c\n"),
        (f"{TYPE}={OURS};other.desktop;\n", f"{TYPE}=other.desktop;\n"),
        (f"{TYPE}=other.desktop;{OURS}\n", f"{TYPE}=other.desktop;\n"),
        (f"{TYPE}=other.desktop\n", f"{TYPE}=other.desktop\n"),
        (f"x-scheme-handler/http={OURS}\n", f"x-scheme-handler/http={OURS}\n"),
        (f"# {TYPE}={OURS}\n", f"# {TYPE}={OURS}\n"),
    ],
)
def test_one_line(before: str, after: str) -> None:
    assert without_default(before, OURS, TYPE) == after


@given(st.text())
def test_foreign_text_stays(text: str) -> None:
    assert without_default(text, OURS, TYPE) == text
