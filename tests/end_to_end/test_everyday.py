"""What happens around the main job, day by day."""

from __future__ import annotations

import random
import socket
import string

import pytest

from manager.client import AccountManagerError, Client
from manager.client.connection import Connection
from manager.client.protocol.messages import CONTROL_TOPICS
from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from tests.end_to_end.resource_server import accepted
from tests.end_to_end.stage import OUR_CLIENT, Stage, defaults
from tests.real_parts.desktop_entry import SchemeHandler
from tests.real_parts.waiting import until

pytestmark = [pytest.mark.real, pytest.mark.whole]

ALICE = "Alice Moreau (alice@example.com)"
BOB = "Bob Lindqvist (bob@example.com)"


def test_a_connector_starts_the_agent_that_it_needs(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    with stage.connector("token") as connector:
        # This program was never run here: nobody could know where it is.
        said = connector.says()
        assert said["error"] == "agent_unavailable"
        assert "account-manager" in said["hint"]

    stage.sign_in("alice", authorization_server.url, *OUR_CLIENT)
    stage.command("stop")
    stage.wait_until_all_ended()
    with stage.connector("token") as connector:
        assert accepted(authorization_server, connector.token().access_token)
    assert stage.agent()


def test_a_second_launch_raises_the_window_and_quitting_leaves_nobody_alone(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    window = stage.open_window()
    stage.sign_in("alice", authorization_server.url, *OUR_CLIENT)
    window.minimise()

    assert window.launch().wait(20) == 0
    until(lambda: window.in_front, "window in front")
    assert len(stage.display.windows("^Account Manager$")) == 1

    with stage.connector("renew", server=authorization_server.url) as connector:
        assert connector.says() == {"ready": True}
        connector.ask()
        stage.tray_icon().click("Quit")
        assert window.process.wait(20) == 0
        assert accepted(authorization_server, connector.ask().access_token)

    window = stage.open_window()  # a window that did not start the agent does not stop it either
    stage.tray_icon().click("Quit")
    assert window.process.wait(20) == 0
    assert stage.agent()


def test_another_default_from_the_tray_reaches_everybody(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    alice = stage.sign_in("alice", server.url, *OUR_CLIENT)
    bob = stage.sign_in("bob", server.url, *OUR_CLIENT)
    stage.command("use", alice["id"])
    window = stage.open_window()
    icon = stage.tray_icon()
    until(lambda: defaults(icon) == {ALICE: True, BOB: False}, "both accounts in the tray")

    with stage.connector("events", topics=["default.changed"]) as listener:
        until(lambda: stage.command("status")["connections"], "listening connector")
        icon.click(BOB)
        event = listener.says()
    assert event["topic"] == "default.changed"
    assert event["account"]["id"] == bob["id"]
    until(lambda: defaults(icon) == {ALICE: False, BOB: True}, "mark at the other account")
    window.wait_for("signed in, default")  # the tray marks it at the click, before anybody knows
    assert window.wait_for("Bob Lindqvist, bob@example.com").endswith("default")
    with stage.connector("token") as connector:
        assert connector.token().account == bob["id"]


def test_somebody_else_by_mistake_changes_nothing(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    before = stage.sign_in("alice", server.url, *OUR_CLIENT)
    tokens = server.live_refresh_tokens()
    stage.browse_as("bob")
    window = stage.open_window()

    window.click("Sign in again")
    words = window.wait_for("was expected")
    stage.screenshot("journey-somebody-else")
    assert "bob@example.com" in words
    assert "alice@example.com" in words
    window.wait_for("then sign in as alice@example.com")

    (after,) = stage.command("accounts")["accounts"]
    assert (after["id"], after["identity"], after["state"]) == (
        before["id"],
        "alice@example.com",
        "signed_in",
    )
    assert server.live_refresh_tokens() == tokens  # what bob brought was ended again
    with stage.connector("token") as connector:
        assert accepted(server, connector.token().access_token)

    stage.browse_as("alice")
    window.click("Try again")
    window.wait_for("Welcome, Alice Moreau")
    asked = [one for one in server.requests if one.endpoint == "authorization"][-1]
    assert "select_account" in asked.query["prompt"]  # the browser's session is not enough now


def test_a_sign_in_that_the_server_ended_is_told_and_healed(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    before = stage.sign_in("alice", server.url, *OUR_CLIENT)
    stage.browse_as("alice")
    window = stage.open_window()
    icon = stage.tray_icon()
    until(lambda: defaults(icon) == {ALICE: True}, "account in the tray")
    window.minimise()
    assert stage.notifications.shown() == []

    server.revoke_everything()
    with stage.connector("refused", account=before["id"]) as connector:
        assert connector.says()["error"] == "sign_in_required"

    notification = stage.notifications.wait_for("alice@example.com")
    until(lambda: icon.labels()[0] == "alice@example.com needs sign-in", "attention in the tray")
    stage.notifications.invoke(notification)
    until(lambda: window.in_front, "window in front after the click")
    window.wait_for("no longer accepts this sign-in")
    stage.screenshot("journey-attention")

    window.click("Sign in again")
    window.wait_for("Welcome, Alice Moreau")
    stage.screenshot("journey-healed")
    (after,) = stage.command("accounts")["accounts"]
    assert (after["id"], after["state"]) == (before["id"], "signed_in")
    until(lambda: "alice@example.com needs sign-in" not in icon.labels(), "calm tray")
    with stage.connector("token") as connector:
        assert accepted(server, connector.token().access_token)
    assert len(stage.notifications.shown()) == 1


def test_a_no_in_the_browser_is_no_account(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    stage.browse_as("alice", allow=False)
    window = stage.open_window()
    window.begin_sign_in(authorization_server.url, client_id="account-manager")
    window.wait_for("The access was not allowed in the browser.")
    stage.screenshot("journey-denied")
    stage.browse_as("alice")
    window.click("Try again")  # nothing has to be typed twice
    window.click("Continue in the browser")
    window.wait_for("Welcome, Alice Moreau")


def test_a_scheme_is_taken_only_with_the_person_s_word_and_given_back(
    stage: Stage, speckle_server: SpeckleServer
) -> None:
    older = SchemeHandler(stage.session, "speckle")
    stage.browse_as("alice")
    window = stage.open_window()

    window.begin_sign_in(speckle_server.url)
    window.wait_for("handler-speckle opens speckle: links now")
    stage.screenshot("journey-take-over")
    window.click("Let Account Manager open them")
    window.wait_for("Welcome, Alice Moreau")
    assert older.uris() == []

    stage.command("unregister")
    stage.session.run(["xdg-open", "speckle://account?access_code=any"])
    assert older.wait_for_uri() == "speckle://account?access_code=any"


def test_an_answer_that_did_not_come_back_is_pasted(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    way = ("--redirect", "paste")
    with stage.login(authorization_server.url, *OUR_CLIENT, *way) as (process, begun):
        answer = Person("alice").visit(begun["authorization_url"])
        pasted = f"{begun['authorization_url']}\n\n  {answer} \n"  # the wrong address first
        said, complaint = process.communicate(pasted.encode(), timeout=60)
    assert process.returncode == 0
    assert complaint.decode().count("\n") == 1
    assert b'"alice@example.com"' in said
    with stage.connector("token") as connector:
        assert accepted(authorization_server, connector.token().access_token)


def test_answers_that_nobody_asked_for_change_nothing(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    account = stage.sign_in("alice", server.url, *OUR_CLIENT)
    requests = len(server.requests)
    chance = random.Random(20)  # the same ones each time
    control = stage.command("status")["control_socket"]

    with socket.create_server(("127.0.0.1", 0)) as trap, Client(socket=control) as client:
        told = Connection(control, {"name": "A listener"})
        told.subscribe(list(CONTROL_TOPICS), 10)
        ports = chance.choices((server.port, trap.getsockname()[1]), k=2_000)
        kinds = {refusal(client, answer(chance, port)) for port in ports}
        assert kinds == {"sign_in_expired", "invalid_request"}

        assert len(server.requests) == requests
        trap.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody called
            trap.accept()
        assert [one.id for one in client.accounts()] == [account["id"]]
        client.call("accounts.remove", {"account": account["id"]})
        assert told.notification()["topic"] == "account.removed"  # the first that happened
        told.close()


def refusal(client: Client, uri: str) -> str:
    with pytest.raises(AccountManagerError) as refused:
        client.call("sign_in.complete", {"uri": uri})
    return refused.value.kind


def answer(chance: random.Random, port: int) -> str:
    """An authorization response that might have come from a browser, right in some of its parts."""
    noise = "".join(chance.choices(string.printable + "äß水\u202e", k=chance.randrange(40)))
    start = chance.choice(
        (
            f"io.github.account-manager:/callback/127.0.0.1:{port}",
            "io.github.account-manager:/callback",
            "speckle://account",
            f"http://127.0.0.1:{port}/callback",
            "http://127.0.0.1:29363/",
            "file:///etc/passwd",
            noise,
        )
    )
    parts = [
        "code=" + "".join(chance.choices(string.ascii_letters, k=20)),
        "state=" + "".join(chance.choices(string.ascii_letters, k=22)),
        "access_code=" + "".join(chance.choices(string.hexdigits, k=42)),
        f"iss=http://127.0.0.1:{port}",
        "error=access_denied",
        noise,
        "denied=true",
        "x" * chance.choice((1, 9_000)),
    ]
    return start + "?" + "&".join(chance.choices(parts, k=chance.randrange(6)))
