"""How long a token lives that another program brought."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.providers.magnet_ai.access_token import validity_when_brought

NOW = Moment(1_700_000_000.0, 500.0, "boot")


@pytest.mark.parametrize(
    ("claims", "lifetime"),
    [
        ({"exp": NOW.wall + 60, "iat": 0}, 60.0),
        ({"iat": 100, "exp": 1000}, None),  # passed on our clock: nothing is known
        ({"exp": "soon"}, None),
        ({}, None),
    ],
)
def test_validity(claims, lifetime):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    token = Secret(f"eyJhbGciOiJIUzI1NiJ9.{part}.signature")
    assert validity_when_brought(token, NOW).lifetime == lifetime
