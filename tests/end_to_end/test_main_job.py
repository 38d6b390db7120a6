"""The whole job for a person at a desk: sign in once, programs get tokens, sign out."""

from __future__ import annotations

import pytest

from manager.practice.speckle_server import SpeckleServer
from tests.end_to_end.resource_server import active_user
from tests.end_to_end.stage import OUR_SCHEME, Stage, defaults
from tests.real_parts.chromium import Chromium
from tests.real_parts.openid_provider import OpenIdProvider
from tests.real_parts.waiting import until

pytestmark = [pytest.mark.real, pytest.mark.whole]


def test_an_openid_account_from_sign_in_to_sign_out(
    stage: Stage, browser: Chromium, real_provider: OpenIdProvider
) -> None:
    stage.register_schemes()
    browser.always_allow(real_provider.issuer, OUR_SCHEME)

    window = stage.open_window()
    icon = stage.tray_icon()
    window.begin_sign_in(real_provider.issuer, client_id=real_provider.client_id)
    window.wait_for("Finish in your browser")
    stage.screenshot("journey-openid-waiting")
    browser.sign_in_at_openid_provider("ada", "any password")

    window.wait_for("Welcome, Ada Lovelace")
    until(lambda: window.in_front, "window in front of the browser")
    stage.screenshot("journey-openid-signed-in")
    window.click("Done")
    window.wait_for("Ada Lovelace, ada@example.org, 127.0.0.1")
    stage.screenshot("journey-openid-account")
    assert defaults(icon) == {"Ada Lovelace (ada@example.org)": True}
    (account,) = stage.command("accounts")["accounts"]
    assert len(stage.keychain.items()) == 1

    status, words = stage.sample_connector(real_provider.issuer)
    assert (status, "accepted as Ada Lovelace (ada@example.org)" in words) == (0, True)
    with stage.connector("token", server=real_provider.issuer) as connector:
        given = connector.token()
    assert given.account == account["id"]
    assert real_provider.userinfo(given.access_token)["sub"] == "ada"

    window.key("Delete")
    window.click("Sign out")
    window.wait_for("is signed out of")
    stage.screenshot("journey-openid-signed-out")
    assert real_provider.introspect(given.access_token) == {"active": False}
    assert stage.keychain.items() == []
    assert defaults(icon) == {}
    status, words = stage.sample_connector(real_provider.issuer)
    assert (status, "no account" in words) == (1, True)

    icon.click("Quit")
    stage.wait_until_all_ended()


def test_a_speckle_account_from_sign_in_to_sign_out(
    stage: Stage, browser: Chromium, speckle_server: SpeckleServer
) -> None:
    stage.register_schemes()
    browser.always_allow(speckle_server.url, "speckle")

    window = stage.open_window()
    icon = stage.tray_icon()
    window.begin_sign_in(speckle_server.url)
    browser.fill_in("Log in", email="alice@example.com", password="any")

    window.wait_for("Welcome, Alice Moreau", seconds=30)
    until(lambda: window.in_front, "window in front of the browser")
    stage.screenshot("journey-speckle-signed-in")
    window.click("Done")
    window.wait_for("Alice Moreau, alice@example.com")
    stage.screenshot("journey-speckle-account")
    assert defaults(icon) == {"Alice Moreau (alice@example.com)": True}
    assert len(stage.keychain.items()) == 1

    status, words = stage.sample_connector(speckle_server.url)
    assert (status, "accepted as Alice Moreau (alice@example.com)" in words) == (0, True)
    with stage.connector("token", server=speckle_server.url) as connector:
        given = connector.token()
    assert active_user(speckle_server, given.access_token) == (200, "alice@example.com")

    window.key("Delete")
    window.click("Sign out")
    window.wait_for("is signed out of")
    assert active_user(speckle_server, given.access_token) == (403, "")
    assert stage.keychain.items() == []
    assert defaults(icon) == {}
