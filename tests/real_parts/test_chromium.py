"""A person's sign-in from link to link: default browser, login, consent, back to a program."""

from __future__ import annotations

import urllib.parse

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
