from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.oauth.retry_after import retry_after

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("599.331", 599.331),
        ("0", 0.0),
        ("-5", 0.0),
        ("1e12", 86_400.0),
        ("inf", 86_400.0),
        ("nan", None),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:50:37", 60.0),
        ("Sun, 06 Nov 1994 08:50:37 -0000", 60.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_every_spelling_of_a_pause(value, seconds):
    assert retry_after(value, now=NOW) == seconds


@given(st.text())
def test_no_header_raises(value):
    pause = retry_after(value, now=NOW)
    assert pause is None or 0 <= pause <= 86_400
