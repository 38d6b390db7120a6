"""No secret of a message gets into an error's sentence, its traceback or a repr."""

from __future__ import annotations

import traceback

import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import AccountManagerError
from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.oauth.authorization_response import ExpectedAnswer, authorization_code
from manager.oauth.client_authentication import AuthenticationMethod, client_authentication
from manager.oauth.id_token import ExpectedIdToken, check_refreshed, id_token_claims
from manager.oauth.pkce import challenge_for
from manager.oauth.redirection import parse_redirection_uri
from manager.oauth.token_endpoint import token_response

CANARY = "c4n4ry"
OURS = "io.github.account-manager:/callback/as.example"
NOW = Moment(0.0, 0.0, "a")


def read(**members):
    return token_response(members, sent=NOW, scopes=())


def checked(text):
    expected = ExpectedIdToken("https://as.example", "app", "n")
    return id_token_claims(
        Secret(text), {"keys": []}, expected, access_token=Secret(CANARY), now=0.0
    )


def refreshed(text):
    check_refreshed(Secret(text), issuers=("i",), client_id="c", subject="s")


@pytest.mark.parametrize(
    "judge",
    [
        lambda: parse_redirection_uri(f"{OURS}?code={CANARY}&code={CANARY}"),
        lambda: parse_redirection_uri(f"{OURS}?code={CANARY}%ff"),
        lambda: parse_redirection_uri(f"{OURS}?code={CANARY}%00"),
        lambda: parse_redirection_uri(f"http://{CANARY}@127.0.0.1/?code={CANARY}"),
        lambda: parse_redirection_uri(f"http://[{CANARY}/?code={CANARY}"),
        lambda: authorization_code({"code": CANARY, "state": CANARY}, ExpectedAnswer("s", "i")),
        lambda: challenge_for(Secret(CANARY)),
        lambda: read(access_token=CANARY, token_type=CANARY),
        lambda: read(access_token=f"{CANARY} {CANARY}", token_type="Bearer"),
        lambda: read(access_token="at", token_type="Bearer", refresh_token=[CANARY]),
        lambda: checked(f"{CANARY}.{CANARY}.{CANARY}"),
        lambda: checked(f"eyJhbGciOiJSUzI1NiJ9.{CANARY}.{CANARY}"),
        lambda: refreshed(f"{CANARY}.{CANARY}.{CANARY}"),
    ],
)
def test_an_error_never_quotes(judge):
    with pytest.raises(AccountManagerError) as refused:
        judge()
    lines = traceback.format_exception(refused.value, chain=True)
    said = [line for line in lines if not line.lstrip().startswith("File ")]
    assert CANARY not in "".join(said)
    assert CANARY not in repr(refused.value) + refused.value.hint


def test_no_repr_shows_a_secret():
    client = ClientRegistration("app", Secret(CANARY))
    for method in AuthenticationMethod:
        assert CANARY not in repr(client_authentication(client, method))
    response = read(access_token=CANARY, token_type="Bearer", refresh_token=CANARY)
    assert CANARY not in repr(response)
