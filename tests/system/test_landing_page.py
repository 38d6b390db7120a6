"""The page needs nothing from anywhere, and shows foreign text as text."""

from __future__ import annotations

import base64
import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from manager.system.landing_page import HEADERS, failed_page, signed_in_page


def test_the_policy_lets_in_exactly_the_own_style() -> None:
    for page in (signed_in_page(), failed_page("No.", "Again.")):
        style = re.search(rb"<style>(.*)</style>", page, re.DOTALL)
        assert style
        digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
        assert b" style=" not in page


def test_light_and_dark() -> None:
    assert b"color-scheme:light dark" in signed_in_page()
    assert b"prefers-color-scheme:dark" in signed_in_page()


@given(st.text(st.sampled_from("<>&\"'/=ab "), min_size=1), st.text(min_size=1))
def test_foreign_text_is_text(message: str, hint: str) -> None:
    tags = re.compile(rb"<[^>]*>")
    assert tags.findall(failed_page(message, hint)) == tags.findall(failed_page("m", "h"))


def test_an_empty_hint_leaves_no_gap() -> None:
    assert failed_page("No.", "").count(b"<p>") == 1
