from __future__ import annotations

import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import InvalidRequest, ProviderError
from manager.core.secret import Secret
from manager.oauth.registration import (
    registered_client,
    registration_document,
    registration_refusal,
)

SERVER = "https://as.example"
MANAGED = {
    "client_id": "s6BhdRkqt3",
    "registration_client_uri": f"{SERVER}/register/s6BhdRkqt3",
    "registration_access_token": "reg-23410913",
}


def test_what_the_program_says_of_itself() -> None:
    assert registration_document(["x.y:/cb"], ["authorization_code"]) == {
        "client_name": "Account Manager",
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["x.y:/cb"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }


def test_a_public_client_that_can_be_taken_back() -> None:
    made = registered_client(
        {**MANAGED, "client_secret": "s", "token_endpoint_auth_method": "none"}, of=SERVER
    )
    assert made.client == ClientRegistration("s6BhdRkqt3")
    assert made.management_uri == MANAGED["registration_client_uri"]
    assert made.management_token == Secret("reg-23410913")
    assert "reg-23410913" not in repr(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"registration_client_uri": "https://evil.example/r"},
        {"registration_client_uri": "http://as.example/r"},
        {"registration_client_uri": None},
        {"registration_access_token": None},
        {"registration_access_token": ""},
    ],
)
def test_one_that_cannot(changes: dict[str, object]) -> None:
    made = registered_client({**MANAGED, **changes}, of=SERVER)
    assert (made.management_uri, made.management_token) == (None, None)


def test_a_secret_that_nobody_asked_for_is_used() -> None:
    made = registered_client({"client_id": "a", "client_secret": "s"}, of=SERVER)
    assert made.client.client_secret == Secret("s")


@pytest.mark.parametrize("client_id", [None, "", 7, "a\nb"])
def test_no_id(client_id: object) -> None:
    with pytest.raises(ProviderError):
        registered_client({"client_id": client_id}, of=SERVER)


def test_refusals_say_what_to_do() -> None:
    said = {"error": "invalid_redirect_uri", "error_description": "not\u202ehttps"}
    refused = registration_refusal("as.example", 400, said)
    assert isinstance(refused, InvalidRequest)
    assert refused.message.endswith("would come back to (nothttps).")
    assert "client id" in refused.hint
    assert "only programs that it knows" in registration_refusal("x", 401, None).message
    assert "HTTP 404" in registration_refusal("x", 404, None).message
