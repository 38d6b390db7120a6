from __future__ import annotations

import base64
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth2 import WebApplicationClient

from manager.core.credential import ClientRegistration
from manager.core.errors import ProviderError
from manager.core.moment import Moment
from manager.core.secret import Secret
from manager.oauth.client_authentication import AuthenticationMethod, choose_method
from manager.oauth.token_endpoint import (
    authorization_code_request,
    refresh_request,
    token_response,
)

SENT = Moment(wall=1_000_000.0, boot=500.0, boot_id="a")
PUBLIC = ClientRegistration("app")
CONFIDENTIAL = ClientRegistration("app:1", Secret("s3cr3t&/ü"))
ANSWER = {"access_token": "at", "token_type": "Bearer", "expires_in": 3600}
NONE = AuthenticationMethod.NONE


def read(changes=None, scopes=("openid", "email")):
    return token_response(ANSWER | (changes or {}), sent=SENT, scopes=scopes)


def test_the_code_request_is_the_one_of_oauthlib():
    request = authorization_code_request(
        Secret("c&de"), redirect_uri="x:/cb?", verifier=Secret("v" * 43), client=PUBLIC, method=NONE
    )
    oracle = WebApplicationClient("app").prepare_request_body(
        code="c&de", redirect_uri="x:/cb?", code_verifier="v" * 43
    )
    assert request.form == dict(parse_qsl(oracle))
    assert request.headers == {"Accept": "application/json"}


def test_the_refresh_request_is_the_one_of_oauthlib():
    request = refresh_request(Secret("r+t"), client=PUBLIC, method=NONE)
    oracle = WebApplicationClient("app").prepare_refresh_body(refresh_token="r+t", client_id="app")
    assert request.form == dict(parse_qsl(oracle))


def test_the_resource_goes_into_both():
    code = authorization_code_request(
        Secret("c"), redirect_uri="x:/", verifier=Secret("v" * 43), client=PUBLIC, method=NONE,
        resource="https://api.example",
    )  # fmt: skip
    refresh = refresh_request(
        Secret("r"), client=PUBLIC, method=NONE, resource="https://api.example"
    )
    assert code.form["resource"] == refresh.form["resource"] == "https://api.example"


def test_a_request_is_not_printed_by_accident():
    request = refresh_request(
        Secret("c4n4ry"), client=CONFIDENTIAL, method=AuthenticationMethod.CLIENT_SECRET_POST
    )
    assert "c4n4ry" not in repr(request)
    assert "s3cr3t" not in repr(request)


@pytest.mark.parametrize(
    ("supported", "method"),
    [
        (None, "client_secret_basic"),
        (["client_secret_post"], "client_secret_post"),
        (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
        (["private_key_jwt"], "client_secret_basic"),
    ],
)
def test_a_client_secret_goes_the_way_the_server_takes_it(supported, method):
    assert choose_method(CONFIDENTIAL, supported) == method
    assert choose_method(PUBLIC, supported) is NONE


def test_basic_authentication_encodes_both_halves_first():
    request = refresh_request(
        Secret("r"), client=CONFIDENTIAL, method=AuthenticationMethod.CLIENT_SECRET_BASIC
    )
    encoded = request.headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(encoded) == b"app%3A1:s3cr3t%26%2F%C3%BC"
    assert "client_id" not in request.form
    assert "client_secret" not in request.form


def test_a_success_is_read():
    response = read({"refresh_token": "rt", "id_token": "h.p.s", "scope": "openid  email openid"})
    assert response.access_token == Secret("at")
    assert response.refresh_token == Secret("rt")
    assert response.id_token == Secret("h.p.s")
    assert response.scopes == ("openid", "email")
    assert response.validity.issued == SENT
    assert response.validity.lifetime == 3600


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_the_token_type_is_bearer_in_any_case(kind):
    assert read({"token_type": kind}).token_type == "Bearer"


@pytest.mark.parametrize("kind", ["DPoP", "mac", "", None, 1, ["Bearer"]])
def test_a_token_of_unknown_type_is_not_used(kind):
    with pytest.raises(ProviderError):
        read({"token_type": kind})


@pytest.mark.parametrize(
    ("granted", "stored"),
    [("email", ("email",)), (None, ("openid", "email")), ("", ()), ("other", ("other",))],
)
def test_the_granted_scope_is_kept_not_the_asked(granted, stored):
    assert read({"scope": granted}).scopes == stored


@pytest.mark.parametrize("absent", [{}, {"refresh_token": None}, {"refresh_token": ""}])
def test_no_refresh_token_is_none(absent):
    assert read(absent).refresh_token is None


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a b"},
        {"access_token": "a\r\nHost: evil"},
        {"access_token": "\u00e9"},
        {"refresh_token": 7},
        {"refresh_token": "a\nb"},
        {"id_token": ["x"]},
        {"scope": ["openid"]},
        {"scope": 1},
    ],
)
def test_an_unusable_answer_is_the_servers_mistake(changes):
    with pytest.raises(ProviderError) as mistake:
        read(changes)
    assert "evil" not in str(mistake.value)


@pytest.mark.parametrize("expires_in", [0, -1, "soon", None, float("nan"), True, [], {}])
def test_a_lifetime_that_is_none_is_unknown(expires_in):
    assert read({"expires_in": expires_in}).validity.lifetime is None


@pytest.mark.parametrize(("expires_in", "lifetime"), [("3600", 3600.0), (59.5, 59.5)])
def test_a_lifetime_in_another_spelling_counts(expires_in, lifetime):
    assert read({"expires_in": expires_in}).validity.lifetime == lifetime


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = ("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token")


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_no_answer_does_more_than_be_a_mistake(changes):
    try:
        response = read(changes)
    except ProviderError:
        return
    assert response.access_token
