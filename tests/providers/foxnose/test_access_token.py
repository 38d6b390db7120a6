"""What access tokens say of themselves, and what odd ones do not."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.providers.foxnose import access_token


def token_of(claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b.c",
        token_of([]),
        token_of({"exp": "soon", "user_id": {}}),
        token_of({"exp": 1e300, "iat": -5, "user_id": True}),
        token_of({"exp": 10**400}),
    ],
)
def test_odd_tokens_have_no_known_end(token: str) -> None:
    now = Moment(1_800_000_000.0, 1.0, "boot")
    assert access_token.validity_when_pasted(Secret(token), now).lifetime is None
