from __future__ import annotations

import pytest

from manager.core.secret import Secret
from manager.oauth.token_text import usable_token


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "é", "x" * 8193, None, 5, ["a"]])
def test_what_no_header_can_carry(value):
    assert usable_token(value) is None


def test_what_one_can():
    assert usable_token("~token!") == Secret("~token!")
