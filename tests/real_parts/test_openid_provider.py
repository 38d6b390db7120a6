"""The OpenID provider offers what the product relies on."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.real_parts.openid_provider import OpenIdProvider

pytestmark = pytest.mark.real


def test_metadata_names_every_endpoint_we_use(openid_provider: OpenIdProvider) -> None:
    address = f"{openid_provider.issuer}/.well-known/openid-configuration"
    with urllib.request.urlopen(address, timeout=10) as answer:
        metadata = json.load(answer)
    assert metadata["issuer"] == openid_provider.issuer
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    for endpoint in (
        "authorization", "token", "userinfo", "revocation", "introspection", "device_authorization"
    ):  # fmt: skip
        assert metadata[f"{endpoint}_endpoint"].startswith(openid_provider.issuer)


def test_a_made_up_token_is_good_for_nothing(openid_provider: OpenIdProvider) -> None:
    assert openid_provider.introspect("made-up") == {"active": False}
    with pytest.raises(urllib.error.HTTPError) as refused:
        openid_provider.userinfo("made-up")
    refused.value.close()
    assert refused.value.code == 401


def test_a_refused_grant_is_an_event(openid_provider: OpenIdProvider) -> None:
    form = b"grant_type=refresh_token&refresh_token=made-up&client_id=account-manager-desktop"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{openid_provider.issuer}/token", form, timeout=10)
    with refused.value as answer:
        assert json.load(answer)["error"] == "invalid_grant"
    openid_provider.wait_for("token_refused", grant="refresh_token")
