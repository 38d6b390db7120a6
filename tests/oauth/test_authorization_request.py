from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from oauthlib.oauth2.rfc6749.parameters import prepare_grant_uri

from manager.core.errors import InvalidRequest
from manager.oauth.authorization_request import AuthorizationRequest, authorization_url

REDIRECT = "io.github.account-manager:/callback/as.example"
ENDPOINT = "https://as.example/authorize"


def request(**changes):
    asked = {
        "client_id": "desktop app",
        "redirect_uri": REDIRECT,
        "state": "s" * 22,
        "code_challenge": "c" * 43,
        "scopes": ("openid", "profile"),
        "nonce": "n",
    }
    return AuthorizationRequest(**(asked | changes))


def query(url):
    return sorted(parse_qsl(urlsplit(url).query, strict_parsing=True))


def test_the_url_says_what_oauthlib_would_say():
    full = request(
        prompt=("consent",), login_hint="ada@example.org", resource="https://api.example"
    )
    oracle = prepare_grant_uri(
        ENDPOINT + "?tenant=1",
        "desktop app",
        "code",
        redirect_uri=REDIRECT,
        scope=["openid", "profile"],
        state="s" * 22,
        code_challenge="c" * 43,
        code_challenge_method="S256",
        nonce="n",
        prompt="consent",
        login_hint="ada@example.org",
        resource="https://api.example",
    )
    assert query(authorization_url(ENDPOINT + "?tenant=1", full.parameters())) == query(oracle)


def test_nothing_is_said_that_was_not_asked():
    parameters = request(scopes=(), nonce=None).parameters()
    assert sorted(parameters) == [
        "client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type",
        "state",
    ]  # fmt: skip
    assert parameters["response_type"] == "code"
    assert parameters["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    "name",
    ["state", "redirect_uri", "response_type", "code_challenge_method", "nonce", "request_uri",
     "client_id", "scope", "request", "response_mode", "client_secret"],
)  # fmt: skip
def test_an_extra_parameter_never_replaces_one_of_ours(name):
    with pytest.raises(InvalidRequest):
        request(extra={name: "x"}).parameters()
    with pytest.raises(InvalidRequest):
        request(nonce=None, scopes=(), extra={name: "x"}).parameters()


def test_an_extra_parameter_of_the_server_is_sent():
    assert request(extra={"audience": "api"}).parameters()["audience"] == "api"


@pytest.mark.parametrize("name", ["state", "request_uri", "response_mode"])
def test_a_sign_in_address_that_carries_our_parameters_is_refused(name):
    with pytest.raises(InvalidRequest):
        authorization_url(f"{ENDPOINT}?{name}=x", request().parameters())
