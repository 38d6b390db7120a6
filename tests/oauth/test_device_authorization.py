from __future__ import annotations

import pytest

from manager.core.credential import ClientRegistration
from manager.core.errors import ProviderError, ServerUnreachable, SignInDenied, SignInExpired
from manager.core.secret import Secret
from manager.oauth.client_authentication import AuthenticationMethod
from manager.oauth.device_authorization import (
    NotYet,
    device_authorization,
    device_authorization_request,
    device_token_request,
    no_token,
)

SERVER = "https://as.example"
# RFC 8628 section 3.2
ANSWER = {
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.com/device",
    "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 5,
}
CLIENT = ClientRegistration("1406020730")


def test_the_requests_are_those_of_the_rfc() -> None:
    asking = device_authorization_request(
        client=CLIENT, method=AuthenticationMethod.NONE, scopes=("example_scope",)
    )
    assert asking.form == {"client_id": "1406020730", "scope": "example_scope"}
    polling = device_token_request(
        Secret("GmRh"), client=CLIENT, method=AuthenticationMethod.NONE, resource="https://api"
    )
    assert polling.form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": "GmRh",
        "client_id": "1406020730",
        "resource": "https://api",
    }


def test_the_answer_is_that_of_the_rfc() -> None:
    read = device_authorization(ANSWER, of=SERVER)
    assert (read.user_code, read.lifetime, read.interval) == ("WDJB-MJHT", 1800, 5)
    assert read.verification_uri_complete == ANSWER["verification_uri_complete"]
    assert "GmRh" not in repr(read)


def test_the_older_name_of_the_address() -> None:
    old = {**ANSWER, "verification_url": "https://www.google.com/device"}
    del old["verification_uri"]
    assert device_authorization(old, of=SERVER).verification_uri == "https://www.google.com/device"


@pytest.mark.parametrize(("said", "used"), [(None, 5), (0, 5), (-1, 5), ("7", 7), (1e9, 300)])
def test_intervals(said: object, used: float) -> None:
    assert device_authorization({**ANSWER, "interval": said}, of=SERVER).interval == used


def test_nobody_is_sent_to_this_machine_by_a_server_elsewhere() -> None:
    with pytest.raises(ProviderError, match="on this machine"):
        device_authorization({**ANSWER, "verification_uri": "http://127.0.0.1/"}, of=SERVER)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("access_denied", SignInDenied),
        ("expired_token", SignInExpired),
        ("invalid_grant", SignInExpired),
        ("server_error", ServerUnreachable),
        ("invalid_client", ProviderError),
    ],
)
def test_what_ends_it(error: str, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        no_token(error)


def test_what_does_not() -> None:
    assert no_token("authorization_pending") is NotYet.PENDING
    assert no_token("slow_down") is NotYet.SLOW_DOWN
