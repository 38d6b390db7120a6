"""The whole job for a person at a desk: sign in once, programs get tokens, sign out."""

from __future__ import annotations

import pytest

from tests.end_to_end.stage import OUR_SCHEME, Stage
from tests.real_parts.chromium import Chromium
from tests.real_parts.openid_provider import OpenIdProvider

pytestmark = [pytest.mark.real, pytest.mark.whole]


def test_an_openid_account_from_sign_in_to_sign_out(
    stage: Stage, browser: Chromium, real_provider: OpenIdProvider
) -> None:
    stage.register_schemes()
    browser.always_allow(real_provider.issuer, OUR_SCHEME)

    window = stage.open_window()
    icon = stage.tray_icon()
    window.begin_sign_in(real_provider.issuer, client_id=real_provider.client_id)
    stage.screenshot("journey-openid-waiting")
    browser.sign_in_at_openid_provider("ada", "any password")

    window.wait_for("Welcome, Ada Lovelace")
    stage.screenshot("journey-openid-signed-in")
    window.click("Done")
    window.wait_for("Ada Lovelace, ada@example.org, 127.0.0.1")
    stage.screenshot("journey-openid-account")
    assert [(e.label, e.checked) for e in icon.menu().walk() if e.checked is not None] == [
        ("Ada Lovelace (ada@example.org)", True)
    ]
    (account,) = stage.command("accounts")["accounts"]
    assert len(stage.keychain.items()) == 1

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
    assert [e.label for e in icon.menu().walk() if e.checked is not None] == []

    icon.click("Quit")
    stage.wait_until_all_ended()
