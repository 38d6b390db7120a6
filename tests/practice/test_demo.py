"""The demo on real parts: an agent of its own, gnome-keyring, a display, a tray."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from manager.client import Client
from manager.client.exchange import objects
from manager.client.protocol.endpoint import control_socket
from tests.real_parts.display import Display
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.tray_host import TrayHost
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real

TITLE = "^Account Manager$"


class Demo:
    """Processes of `account-manager demo`; its folders are made below `places`."""

    def __init__(self, session: PrivateSession) -> None:
        self.session = session
        self.places = session.folder / "t"
        self.places.mkdir()

    @contextmanager
    def start(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """A process that ends with the block."""
        with subprocess.Popen(
            [sys.executable, "-I", "-m", "manager", "demo", *options],
            env={**self.session.environment, "TMPDIR": str(self.places)},
            cwd=self.session.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.terminate()

    def run(self, *options: str) -> tuple[int, str]:
        with self.start(*options) as process:
            said, _ = process.communicate(timeout=90)
        return process.returncode, said

    def is_over(self) -> bool:
        """Neither a process nor a file of it is left, nor anything in the person's own places."""
        running = [line for line in self.session.processes().values() if "manager" in line]
        kept = list(self.places.iterdir()) + list(self.session.home.rglob("*account*manager*"))
        return running == [] and kept == []


@pytest.fixture
def demo(private_session: PrivateSession) -> Demo:
    return Demo(private_session)


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
            holder.listen()
        except OSError:
            pass  # somebody else has it: as good
        yield


def test_without_a_display_it_tells_the_whole_job(demo: Demo, keychain: Keychain) -> None:
    status, said = demo.run()
    assert status == 0, said
    for sentence in (
        "the demo fills in the practice pages for you",
        "Sign in at Practice Office",
        "Sign in at Speckle Practice",
        "Signed in as alice@example.com. The keychain holds the account's key.",
        "alice@example.com at Practice Office: accepted as Alice Moreau (alice@example.com).",
        "alice@example.com at Speckle Practice: accepted as Alice Moreau (alice@example.com).",
        "Renewed in the background",
        "alice@example.com at Practice Office: revoked.",
        "alice@example.com at Speckle Practice: revoked.",
        "All of it worked.",
    ):
        assert sentence in said
    assert keychain.items() == []
    assert demo.is_over()


@pytest.mark.whole
def test_a_taken_port_of_speckle_is_no_end(demo: Demo, keychain: Keychain) -> None:
    with taken(29363):
        status, said = demo.run("--headless")
    assert status == 0, said
    assert "is taken by another program here" in said
    assert keychain.items() == []


def test_without_a_keychain_it_says_what_to_install(demo: Demo) -> None:
    status, said = demo.run()
    assert status == 69
    assert "No keychain answers in this session" in said
    assert "gnome-keyring" in said
    assert "sh packaging/try.sh" in said
    assert "Traceback" not in said
    assert demo.is_over()


def test_a_locked_keychain_is_said(demo: Demo, locked_keychain: Keychain) -> None:
    status, said = demo.run()
    assert status == 77
    assert "is locked" in said
    assert demo.is_over()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_leaves_nothing(
    demo: Demo, keychain: Keychain, number: signal.Signals
) -> None:
    with demo.start() as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        assert any("Signed in as" in line for line in lines)
        assert len(keychain.items()) == 1
        process.send_signal(number)
        rest = "".join(lines)
        process.wait(20)
    assert process.returncode == 128 + number
    assert "it leaves nothing behind" in rest
    assert "Traceback" not in rest
    assert keychain.items() == []
    assert demo.is_over()


def test_unknown_options_are_wrong_use(demo: Demo) -> None:
    status, said = demo.run("--fast")
    assert (status, "--fast" in said) == (64, True)
    status, said = demo.run("--help")
    assert (status, "--headless" in said) == (0, True)


@pytest.mark.whole
def test_a_display_that_is_not_there_leads_to_the_terminal(demo: Demo, keychain: Keychain) -> None:
    demo.session.environment["DISPLAY"] = ":4711"
    status, said = demo.run()
    assert status == 0, said
    assert "The demo goes on in the terminal." in said
    assert "All of it worked." in said


def test_with_a_display_the_window_opens_and_closing_it_ends_the_demo(
    demo: Demo, display: Display, keychain: Keychain, tray_host: TrayHost, artifacts: Path
) -> None:
    browser = demo.session.commands / "practice-browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o700)
    demo.session.environment["BROWSER"] = "practice-browser"
    with demo.start() as process:
        window = display.wait_for_window(TITLE, 30)
        display.xdotool("windowactivate", "--sync", window)
        item = tray_host.wait_for_item()
        assert offered_in(demo) == ["Practice Office", "Speckle Practice"]
        display.xdotool("type", "--delay", "5", office_of(demo))
        display.xdotool("key", "Return")
        try:
            until(lambda: any("alice" in each for each in item.labels()), "account", 30)
        finally:
            display.screenshot(artifacts / "demo-signed-in.png")
        assert len(keychain.items()) == 1
        display.xdotool("key", "alt+F4")  # openbox asks the window to close, as its button does
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Your own accounts are not touched" in said
    assert keychain.items() == []
    assert demo.is_over()


BROWSER = """#!{python}
import sys
from manager.practice.person import Person
person = Person()
person.read(person.visit(sys.argv[1]))
"""


def offered_in(demo: Demo) -> list[str]:
    """The servers that the demo's window offers, none of them a real one."""
    home = next(demo.places.iterdir())
    socket_of = control_socket({"ACCOUNT_MANAGER_HOME": str(home)})
    with Client(socket=socket_of, control=True, auto_start=False) as client:
        return [str(one["name"]) for one in objects(client.call("servers.list"), "servers")]


def office_of(demo: Demo) -> str:
    """The address of the practice server, as the demo's own catalogue has it."""
    catalogue = next(demo.places.glob("*/config/servers.toml")).read_text()
    return catalogue.split('url = "')[1].split('"')[0]


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_nothing_is_open_to_other_users(demo: Demo, keychain: Keychain) -> None:
    with demo.start() as process:
        assert process.stdout is not None
        assert any("Signed in as" in line for line in process.stdout)
        home = next(demo.places.iterdir())
        assert home.stat().st_mode & 0o077 == 0
        process.terminate()
        process.communicate(timeout=30)
