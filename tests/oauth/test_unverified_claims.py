"""What a token says of itself, and what nonsense it may hold."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.oauth.unverified_claims import claims_of, numeric_date, validity_when_issued

NOW = Moment(1_700_000_000.0, 500.0, "boot")


def token(claims: object) -> Secret:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return Secret(f"eyJhbGciOiJIUzI1NiJ9.{part}.signature")


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", "a.b.c.d", "a.!!!.c", "a.W10.c", "é.é.é", f"a.{'e30' * 30_000}.c"]
)
def test_what_is_no_token_claims_nothing(text):
    assert claims_of(Secret(text)) == {}


def test_claims():
    assert claims_of(token({"sub": "u1"})) == {"sub": "u1"}


@pytest.mark.parametrize(
    ("claims", "lifetime"),
    [
        ({"iat": 100, "exp": 1000}, 900.0),  # whatever our clock says
        ({"exp": NOW.wall + 60}, 60.0),
        ({"iat": 100}, None),
        ({"iat": 100, "exp": "1000"}, None),
        ({"iat": 100, "exp": True}, None),
        ({"iat": 1000, "exp": 100}, None),
        ({"exp": 1e300, "iat": -5}, None),
        ({"exp": 10**400}, None),
        ({}, None),
        ([], None),
    ],
)
def test_validity_of_a_new_token(claims, lifetime):
    assert validity_when_issued(token(claims), NOW).lifetime == lifetime


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "5", None, 10**400])
def test_what_is_no_moment(value):
    assert numeric_date(value) is None
