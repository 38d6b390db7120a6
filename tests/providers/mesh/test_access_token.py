"""What odd access tokens say of their end."""

from __future__ import annotations

import base64
import json

import pytest

from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.providers.mesh.access_token import validity_of
from manager.providers.mesh.taking_over import ForeignSignIn

NOW = Moment(1_800_000_000.0, 1.0, "boot")


def token_of(claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


@pytest.mark.parametrize("end", [10**400, float("nan"), float("inf"), "soon", True, -1])
def test_an_end_that_is_no_moment_is_not_known(end: object) -> None:
    token = token_of({"exp": end})
    assert validity_of(Secret(token), None, NOW).lifetime is None
    assert ForeignSignIn({"access_token": token}).expires_at is None
    kept = {"access_token": token_of({"sub": "u1"}), "expires_at": end}
    assert ForeignSignIn(kept).expires_at is None


def test_the_answer_counts_before_the_token() -> None:
    token = Secret(token_of({"exp": NOW.wall + 60}))
    assert validity_of(token, 900, NOW).lifetime == 900
    assert validity_of(token, None, NOW).lifetime == 60
