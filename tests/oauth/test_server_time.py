from __future__ import annotations

import pytest

from manager.oauth.server_time import unix_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2025-12-31T23:59:59Z", 1767225599.0),
        ("2025-12-31T23:59:59", 1767225599.0),
        ("2025-12-31T23:59:59.5+00:00", 1767225599.5),
        ("soon", None),
        (17, None),
        (None, None),
        ("9" * 100, None),
    ],
)
def test_moments(text, seconds):
    assert unix_seconds(text) == seconds
