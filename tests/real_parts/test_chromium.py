"""A person's sign-in from link to link: default browser, login, consent, back to a program."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.real_parts.chromium import Chromium
from tests.real_parts.desktop_entry import SchemeHandler
from tests.real_parts.openid_provider import OpenIdProvider

pytestmark = pytest.mark.real

SCHEME = "io.github.account-manager"


def authorization_url(provider: OpenIdProvider, redirect_uri: str) -> str:
    parameters = {
        "client_id": provider.client_id,
        "response_type": "code",
        "scope": "openid profile offline_access",
        "prompt": "consent",
        "redirect_uri": redirect_uri,
        "state": "a-state",
        "code_challenge_method": "S256",
        # RFC 7636, appendix B
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    }
    return f"{provider.issuer}/auth?{urllib.parse.urlencode(parameters)}"


def test_sign_in_comes_back_to_the_program_of_a_scheme(
    chromium: Chromium, openid_provider: OpenIdProvider
) -> None:
    handler = SchemeHandler(chromium.session, SCHEME)
    chromium.always_allow(openid_provider.issuer, SCHEME)
    url = authorization_url(openid_provider, f"{SCHEME}:/callback")

    chromium.session.start(["xdg-open", url])
    chromium.sign_in_at_openid_provider("ada", "any password")

    came_back = urllib.parse.urlsplit(handler.wait_for_uri())
    assert f"{came_back.scheme}:{came_back.path}" == f"{SCHEME}:/callback"
    answer = urllib.parse.parse_qs(came_back.query)
    assert set(answer) == {"code", "state", "iss"}
    assert answer["state"] == ["a-state"]
    assert answer["iss"] == [openid_provider.issuer]
    assert len(handler.uris()) == 1


def post(address: str, **form: str) -> dict[str, str]:
    """The JSON answer, of an error as well."""
    try:
        with urllib.request.urlopen(
            address, urllib.parse.urlencode(form).encode(), timeout=10
        ) as answer:
            body = answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            body = refused.read()
    return dict(json.loads(body or b"{}"))


def test_tokens_from_a_device_sign_in_to_their_revocation(
    chromium: Chromium, openid_provider: OpenIdProvider
) -> None:
    issuer, client_id = openid_provider.issuer, openid_provider.client_id
    device = post(f"{issuer}/device/auth", client_id=client_id, scope="openid offline_access")
    chromium.session.start(["xdg-open", device["verification_uri_complete"]])
    chromium.press("Continue")
    chromium.sign_in_at_openid_provider("grace")
    chromium.wait_for_text("Sign-in Success")

    first = post(
        f"{issuer}/token",
        client_id=client_id,
        grant_type="urn:ietf:params:oauth:grant-type:device_code",
        device_code=device["device_code"],
    )
    assert openid_provider.userinfo(first["access_token"])["sub"] == "grace"
    renewal = {"client_id": client_id, "grant_type": "refresh_token"}
    second = post(f"{issuer}/token", refresh_token=first["refresh_token"], **renewal)
    assert second["refresh_token"] != first["refresh_token"]
    assert openid_provider.introspect(second["access_token"])["active"] is True

    # Reuse of the old one ends the whole family.
    again = post(f"{issuer}/token", refresh_token=first["refresh_token"], **renewal)
    assert again["error"] == "invalid_grant"
    openid_provider.wait_for("grant_revoked")
    assert openid_provider.introspect(second["access_token"]) == {"active": False}
