"""Retry-After as servers really send it."""

from __future__ import annotations

import pytest

from manager.providers.retry_after import parse_retry_after

WALL = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("120", 120.0),
        (" 599.331 ", 599.331),
        ("-5", 0.0),
        ("1e12", 86_400.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:12:20 GMT", 0.0),
        ("Tue, 14 Nov 2023 22:14:20", 60.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
    ],
)
def test_seconds_to_wait(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, WALL) == seconds
