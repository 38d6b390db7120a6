"""The window on real parts: a display, a keychain, a tray, the agent that it starts itself."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.faults import AuthorizationServerFaults
from manager.practice.speckle_server import SpeckleServer
from tests.real_parts.display import Display
from tests.real_parts.keychain import Keychain
from tests.real_parts.notification_host import NotificationHost
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.tray_host import TrayHost
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real

BROWSER = """#!{python}
import subprocess, sys
from manager.practice.person import Person
end = Person().visit(sys.argv[1])
if end.startswith("http"):
    Person().read(end)
    sys.exit()
subprocess.run([sys.executable, "-I", "-m", "manager", "handle-uri", "--", end], check=True)
"""
TITLE = "^Account Manager$"


@pytest.fixture
def server() -> Iterator[SpeckleServer]:
    with SpeckleServer() as running:
        yield running


@pytest.fixture
def window(
    private_session: PrivateSession, display: Display, keychain: Keychain, tray_host: TrayHost
) -> str:
    """The id of the window, once it is up."""
    browser = private_session.commands / "practice-browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o700)
    private_session.environment["BROWSER"] = "practice-browser"
    private_session.start([sys.executable, "-m", "manager"])
    return display.wait_for_window(TITLE)


def agents(session: PrivateSession) -> list[int]:
    return [pid for pid, line in session.processes().items() if line.endswith("-m manager agent")]


def test_a_person_signs_in_through_the_window(
    window: str,
    server: SpeckleServer,
    display: Display,
    private_session: PrivateSession,
    tray_host: TrayHost,
    artifacts: Path,
) -> None:
    display.xdotool("windowactivate", "--sync", window)
    item = tray_host.wait_for_item()
    assert "Sign in…" in item.labels()
    log = private_session.log(Path(sys.executable).name)
    until(lambda: agents(private_session), "agent")
    display.xdotool("key", "--window", window, "ctrl+n")
    display.xdotool("type", "--delay", "5", server.url)
    display.xdotool("key", "Return")

    def signed_in() -> bool:
        return any("alice" in label for label in item.labels())

    try:
        until(signed_in, "account in the tray", 30)
    finally:
        display.screenshot(artifacts / "desktop-signed-in.png")
        print(log.read_text())
    killed = agents(private_session)
    os.kill(killed[0], signal.SIGKILL)
    until(lambda: agents(private_session) not in ([], killed), "agent that the window brought back")
    again = private_session.run([sys.executable, "-m", "manager"])
    assert again.returncode == 0
    assert len(display.windows(TITLE)) == 1
    item.click("Quit")
    until(lambda: not display.windows(TITLE), "closed window")
    until(
        lambda: not any("-m manager" in one for one in private_session.processes().values()),
        "end of the window and its agent",
    )


@pytest.mark.parametrize("moment", ["agent on its way", "window", "agent listens"])
def test_a_logout_while_the_agent_is_being_started_ends_both(
    display: Display, private_session: PrivateSession, keychain: Keychain, moment: str
) -> None:
    process = private_session.start([sys.executable, "-I", "-m", "manager"])
    if moment == "agent on its way":
        until(lambda: agents(private_session), "agent")
    else:
        display.wait_for_window(TITLE)
    if moment == "agent listens":
        until(lambda: list(private_session.folder.rglob("control.sock")), "socket of the agent")
    process.terminate()
    assert process.wait(3) == 0
    until(lambda: not agents(private_session), "end of the agent", 3)


CATALOGUE = """
[[server]]
url = "{url}"
name = "Practice"
provider = "oidc"
client_id = "account-manager"
"""


def test_an_account_that_ends_asks_once_and_a_click_opens_the_window(
    display: Display,
    private_session: PrivateSession,
    notification_host: NotificationHost,
    tray_host: TrayHost,
    request: pytest.FixtureRequest,
    artifacts: Path,
) -> None:
    with AuthorizationServer(AuthorizationServerFaults(lifetime=8)) as server:
        config = private_session.home / ".config" / "account-manager"
        config.mkdir(parents=True, mode=0o700)
        (config / "servers.toml").write_text(CATALOGUE.format(url=server.url))
        window = request.getfixturevalue("window")
        display.xdotool("windowactivate", "--sync", window)
        item = tray_host.wait_for_item()
        until(lambda: agents(private_session), "agent")
        display.xdotool("key", "--window", window, "ctrl+n")
        display.xdotool("type", "--delay", "5", server.url)
        display.xdotool("key", "Return")
        until(lambda: any("alice" in label for label in item.labels()), "account in the tray", 30)
        display.xdotool("key", "Return")
        display.xdotool("key", "ctrl+w")
        until(lambda: not display.windows(TITLE), "window gone to the tray")
        notification_host.wait_for("goes on in the tray")
        ending = list(server.tokens.live("refresh", 0))
        assert ending
        for token in ending:
            server.tokens.revoke_family(token.family)
        notice = notification_host.wait_for(" again")
        assert any("needs sign-in" in label for label in item.labels())
        notification_host.invoke(notice)
        display.wait_for_window(TITLE)
        display.screenshot(artifacts / "desktop-attention.png")
        told = [one for one in notification_host.shown() if " again" in one.summary]
        assert len(told) == 1
        item.click("Quit")
        until(lambda: not display.windows(TITLE), "closed window")
