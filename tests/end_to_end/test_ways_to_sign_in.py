"""Without a browser on this computer: a code for another device, and a form with a second step."""

from __future__ import annotations

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.magnet_server import MagnetFaults, MagnetServer
from manager.practice.person import Person
from tests.end_to_end.resource_server import accepted
from tests.end_to_end.stage import Stage

pytestmark = [pytest.mark.real, pytest.mark.whole]

PASSWORD = "a-canary-8c1f-password"


def test_a_code_for_another_device(stage: Stage) -> None:
    with AuthorizationServer(interval=1) as server:
        window = stage.open_window()
        window.key("ctrl+n")
        window.type("Server address", server.url)
        window.type("Client id", "account-manager")
        window.click("With a code on another device")
        window.click("Get a code")
        code = window.wait_for("Code ").removeprefix("Code ")
        assert window.shows("QR code of the address")
        assert window.shows("Only enter codes that you started yourself")
        stage.screenshot("journey-device-code")

        Person("alice").confirm(f"{server.url}/device?user_code={code}")
        window.wait_for("Welcome, Alice Moreau")
        window.click("Done")
        window.wait_for("Alice Moreau, alice@example.com")
        with stage.connector("token", server=server.url) as connector:
            assert accepted(server, connector.token().access_token)


def test_a_password_with_a_second_step(stage: Stage) -> None:
    with MagnetServer("v2", MagnetFaults(mfa=frozenset({"alice"}))) as server:
        window = stage.open_window()
        window.key("ctrl+n")
        window.type("Server address", server.url)
        window.click("E-mail and password")
        window.click("Continue")
        window.type("E-mail", "alice@example.com")
        window.type("Password", "wrong")
        window.key("Return")
        window.wait_for("does not accept this e-mail address and password")
        stage.screenshot("journey-form-refused")
        window.type("Password", PASSWORD)
        window.key("Return")

        window.wait_for("Second factor")
        stage.screenshot("journey-form-second-factor")
        window.type("Code", "123456")
        window.key("Return")
        window.wait_for("Welcome, Alice Moreau")
        window.click("Done")
        window.wait_for("Alice Moreau, alice@example.com")
        stage.screenshot("journey-form-account")
        window.click("Check now whether the server accepts it")
        window.wait_for("accepts this sign-in")

        (account,) = stage.command("accounts")["accounts"]
        assert account["roles"] == ["admin"]
        with stage.connector("token", server=server.url) as connector:
            given = connector.token().access_token
        assert server.accepts({"Authorization": f"Bearer {given}"})
        kept = [file for file in stage.session.folder.rglob("*") if file.is_file()]
        assert kept
        assert [file for file in kept if PASSWORD.encode() in file.read_bytes()] == []
