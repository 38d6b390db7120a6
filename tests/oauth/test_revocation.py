from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from oauthlib.oauth2 import WebApplicationClient

from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.moment import Moment, Validity
from manager.core.secret import Secret
from manager.oauth.client_authentication import AuthenticationMethod
from manager.oauth.revocation import revocation_requests

TOKENS = OAuthTokens(
    access_token=Secret("at"),
    token_type="Bearer",
    validity=Validity(Moment(0.0, 0.0, "a"), 60.0),
    token_endpoint="https://as.example/token",
    client=ClientRegistration("app"),
    refresh_token=Secret("rt"),
)


def test_the_refresh_token_goes_first():
    forms = [each.form for each in revocation_requests(TOKENS, AuthenticationMethod.NONE)]
    assert [form["token"] for form in forms] == ["rt", "at"]


def test_the_request_is_the_one_of_oauthlib_and_names_the_client():
    form = revocation_requests(TOKENS, AuthenticationMethod.NONE)[0].form
    _, _, body = WebApplicationClient("app").prepare_token_revocation_request(
        "https://as.example/revoke", "rt", "refresh_token"
    )
    assert form == {**dict(parse_qsl(body)), "client_id": "app"}


def test_without_a_refresh_token_the_access_token_alone():
    alone = replace(TOKENS, refresh_token=None)
    forms = [each.form for each in revocation_requests(alone, AuthenticationMethod.NONE)]
    assert [form["token_type_hint"] for form in forms] == ["access_token"]
