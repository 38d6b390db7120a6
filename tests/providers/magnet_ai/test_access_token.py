"""What a token says of itself, and what nonsense it may hold."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.providers.magnet_ai.access_token import (
    claims_of,
    unix_seconds,
    usable_token,
    validity_of,
)

NOW = Moment(1_700_000_000.0, 500.0, "boot")


def token(**claims: object) -> Secret:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return Secret(f"eyJhbGciOiJIUzI1NiJ9.{part}.signature")


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c.d", "a.!!!.c", "a.W10.c", "é.é.é"])
def test_what_is_no_token_claims_nothing(text):
    assert claims_of(Secret(text)) == {}


@pytest.mark.parametrize(
    ("claims", "just_issued", "lifetime"),
    [
        ({"iat": 100, "exp": 1000}, True, 900.0),  # whatever our clock says
        ({"iat": 100, "exp": 1000}, False, None),  # passed on our clock: nothing is known
        ({"exp": NOW.wall + 60}, True, 60.0),
        ({"exp": NOW.wall + 60, "iat": 0}, False, 60.0),
        ({"iat": 100}, True, None),
        ({"iat": 100, "exp": "1000"}, True, None),
        ({"iat": 100, "exp": True}, True, None),
        ({"iat": 1000, "exp": 100}, True, None),
        ({}, True, None),
    ],
)
def test_validity(claims, just_issued, lifetime):
    assert validity_of(token(**claims), NOW, just_issued=just_issued).lifetime == lifetime


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


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "é", "x" * 8193, None, 5, ["a"]])
def test_what_no_header_can_carry(value):
    assert usable_token(value) is None
