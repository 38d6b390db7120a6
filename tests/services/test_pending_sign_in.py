"""Which sign-in an answer belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from manager.core.errors import InvalidRequest, SignInExpired
from manager.oauth.redirection import parse_redirection_uri
from manager.services.pending_sign_in import BrowserSignIn, belonging

OURS = "io.github.account-manager:/callback/id.example"
OTHER = "io.github.account-manager:/callback/evil.example"
SPECKLE = "speckle://account"
LOOPBACK = "http://localhost:29363"


@dataclass
class Authorization:
    redirect_uri: str
    state: str | None = None


def waiting(redirect_uri: str, state: str | None = None, *, busy: bool = False):
    return SimpleNamespace(authorization=Authorization(redirect_uri, state), busy=busy)


FIRST, SECOND = waiting(OURS, "state-1"), waiting(OURS, "state-2")
BY_SCHEME, BY_PORT = waiting(SPECKLE), waiting(LOOPBACK)
ALL = [FIRST, SECOND, BY_SCHEME, BY_PORT]


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        (f"{OURS}?code=c&state=state-1", FIRST),
        (f"{OURS}?code=c&state=state-2", SECOND),
        (f"{OURS}?error=access_denied&state=state-2", SECOND),
        (f"{SPECKLE}?access_code=c", BY_SCHEME),
        (f"{LOOPBACK}/?access_code=c", BY_PORT),
    ],
)
def test_an_answer_finds_its_sign_in(uri: str, found: BrowserSignIn) -> None:
    assert belonging(ALL, parse_redirection_uri(uri)) is found


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        (f"{OURS}?code=c&state=state-3", SignInExpired),
        (f"{OURS}?code=c&state=", SignInExpired),
        (f"{OURS}?code=c", SignInExpired),
        (f"{OTHER}?code=c&state=state-1", InvalidRequest),
        (f"{SPECKLE}?access_code=c&state=state-1", InvalidRequest),
        (f"{SPECKLE}?access_code=c&state=x", SignInExpired),
        ("speckle://other?access_code=c", SignInExpired),
        ("http://localhost:29364/?access_code=c", SignInExpired),
        ("http://127.0.0.1:29363/?access_code=c", SignInExpired),
        (f"{OURS}/?code=c&state=state-1", InvalidRequest),
    ],
)
def test_what_belongs_nowhere_is_refused(uri: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        belonging(ALL, parse_redirection_uri(uri))


def test_an_answer_that_is_being_redeemed_is_not_taken_again() -> None:
    for pending, uri in (
        (waiting(OURS, "s", busy=True), f"{OURS}?code=c&state=s"),
        (waiting(SPECKLE, busy=True), f"{SPECKLE}?access_code=c"),
    ):
        with pytest.raises(SignInExpired):
            belonging([pending], parse_redirection_uri(uri))


@pytest.mark.parametrize(
    "uri", [f"{OURS}?code=c&state=state-1&state=state-1", f"{SPECKLE}?access_code=a&access_code=b"]
)
def test_a_repeated_parameter_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest):
        belonging(ALL, parse_redirection_uri(uri))
