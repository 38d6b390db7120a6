from __future__ import annotations

import pytest

from manager.core.errors import ProviderError
from manager.oauth.metadata import names_a_server, server_metadata

URL = "https://as.example"
PLAIN = {
    "issuer": URL,
    "authorization_endpoint": f"{URL}/authorize",
    "token_endpoint": f"{URL}/token",
}


def read(changes=None, url=URL):
    return server_metadata(PLAIN | (changes or {}), url=url)


def test_the_least_that_rfc_8414_asks_for():
    metadata = read()
    assert metadata.token_endpoint == f"{URL}/token"
    assert metadata.is_openid is False
    assert metadata.sends_iss is False
    assert metadata.scopes is None
    assert metadata.userinfo_endpoint is None


def test_everything_that_is_used():
    metadata = read(
        {
            "jwks_uri": f"{URL}/keys",
            "userinfo_endpoint": "https://api.example/me",
            "revocation_endpoint": f"{URL}/revoke",
            "pushed_authorization_request_endpoint": f"{URL}/par",
            "require_pushed_authorization_requests": True,
            "scopes_supported": ["openid", "email"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "response_types_supported": ["code", "code id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["none"],
            "prompt_values_supported": ["consent"],
            "dpop_signing_alg_values_supported": ["ES256"],
        }
    )
    assert metadata.is_openid
    assert metadata.sends_iss
    assert metadata.requires_pushed_requests
    assert metadata.pushed_endpoint == f"{URL}/par"
    assert metadata.userinfo_endpoint == "https://api.example/me"


def test_a_closing_slash_belongs_to_the_same_well_known_address_and_is_kept():
    assert read({"issuer": f"{URL}/"}).issuer == f"{URL}/"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example",
        f"{URL}//",
        f"{URL}/x",
        "https://AS.example",
        "https://as.example:443",
        "http://as.example",
        "",
        None,
        [URL],
        {"https://as.example": 1},
    ],
)
def test_the_issuer_is_identical(issuer):
    with pytest.raises(ProviderError):
        read({"issuer": issuer})


ENDPOINTS = [
    "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint",
    "revocation_endpoint", "pushed_authorization_request_endpoint",
]  # fmt: skip


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "file:///etc/passwd", "http://as.example/x", "https://u@as.example/",
        "https://as.example/\x1b", "http://127.0.0.1:80/x", "", 1,
    ],
)  # fmt: skip
def test_no_endpoint_is_anything_but_https(name, address):
    with pytest.raises(ProviderError, match=name):
        read({name: address})


def test_a_server_on_this_machine_may_speak_plain_http():
    local = "http://127.0.0.1:9400"
    metadata = server_metadata(
        {
            "issuer": local,
            "authorization_endpoint": f"{local}/a",
            "token_endpoint": f"{local}/t",
        },
        url=local,
    )
    assert metadata.token_endpoint == f"{local}/t"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": []},
        {"response_types_supported": ["token", "id_token"]},
        {"authorization_endpoint": None},
        {"token_endpoint": None},
    ],
)
def test_a_server_that_cannot_do_our_sign_in_is_told_apart(changes):
    with pytest.raises(ProviderError):
        read(changes)


@pytest.mark.parametrize(
    ("document", "is_one"),
    [(PLAIN, True), ({"issuer": URL}, False), ({}, False), ({**PLAIN, "issuer": 1}, False)],
)
def test_another_json_document_is_no_metadata(document, is_one):
    assert names_a_server(document) is is_one


@pytest.mark.parametrize("value", [None, "S256", {"S256": 1}, ["S256", 1]])
def test_lists_of_another_type_say_nothing(value):
    assert read({"scopes_supported": value}).scopes is None
