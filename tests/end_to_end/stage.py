"""A person's desktop session with everything in it that the journeys need, and what is done there.

A bus, an unlocked keychain, a screen with a window manager, a tray, a place for notifications and
somebody who reads the screen. The product's own processes are started as they are in life.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from manager.practice.person import Person
from tests.end_to_end.agents import Agents
from tests.end_to_end.connector import Connector
from tests.end_to_end.window import Window
from tests.real_parts.accessibility import ScreenReader
from tests.real_parts.display import Display
from tests.real_parts.keychain import Keychain
from tests.real_parts.notification_host import NotificationHost
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.tray_host import TrayHost, TrayItem
from tests.real_parts.waiting import until

OUR_SCHEME = "io.github.account-manager"
OUR_CLIENT = ("--client-id", "account-manager")
"""As the practice server knows us."""
MANAGER = (sys.executable, "-I", "-m", "manager")
ARTIFACTS = Path(__file__).parents[2] / ".artifacts"


class Stage:
    def __init__(self) -> None:
        self._parts = ExitStack()
        try:
            self._set_up()
        except BaseException:
            self._parts.close()
            raise

    def _set_up(self) -> None:
        self.session = PrivateSession()
        self._parts.callback(self.session.close)
        self._agents = Agents(self.session.runtime / "account-manager" / "control.sock")
        self._parts.callback(self._agents.end)
        self.bus = SessionBus(self.session)
        self.keychain = Keychain(self.bus)
        self.display = Display(self.session)
        self.tray = TrayHost(self.bus)
        self._parts.callback(self.tray.close)
        self.notifications = NotificationHost(self.bus)
        self._parts.callback(self.notifications.close)
        self._reader = ScreenReader(self.bus)
        self._parts.callback(self._reader.close)

    # The person -----------------------------------------------------------------------------

    def register_schemes(self) -> None:
        """What an installation ends with: links of our schemes are ours."""
        self.command("register")

    def open_window(self) -> Window:
        window = Window(self.display, self._reader)
        # Before the agent ends: a window that loses its agent starts another one.
        self._parts.callback(window.close)
        return window

    def tray_icon(self) -> TrayItem:
        return self.tray.wait_for_item()

    def browse_as(self, login: str, *, allow: bool = True) -> None:
        """From now on links open in a browser whose person signs in as `login` and says yes or no.

        It hands the answer to whatever program opens its scheme. To be called first before the
        window opens, which learns then which browser it is.
        """
        browser = self.session.commands / "practice-browser"
        browser.write_text(BROWSER.format(python=sys.executable, login=login, allow=allow))
        browser.chmod(0o700)
        self.session.environment["BROWSER"] = "practice-browser"

    def screenshot(self, name: str) -> None:
        """For people to look at; no test reads it."""
        self.display.screenshot(ARTIFACTS / f"{name}.png")

    # The command line -----------------------------------------------------------------------

    def command(self, *arguments: str) -> dict[str, Any]:
        """What a command says with --json; raises CalledProcessError where it fails."""
        self._agents.look()
        finished = self.session.run([*MANAGER, *arguments, "--json"], timeout=60)
        self._agents.look()
        return dict(json.loads(finished.stdout))

    @contextmanager
    def login(self, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
        """`account-manager login`, from where it waits for the browser; it ends with the block."""
        process = subprocess.Popen(
            [*MANAGER, "login", *arguments, "--no-browser", "--json"],
            env=self.session.environment,
            cwd=self.session.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line, process.communicate(timeout=20)[1].decode()
                yield process, json.loads(line)
            finally:
                process.kill()

    def sign_in(self, login: str, *arguments: str) -> dict[str, Any]:
        """From the command line, the person going through the server's pages; the account."""
        with self.login(*arguments) as (process, begun):
            answer = Person(login).visit(begun["authorization_url"])
            self.session.run([*MANAGER, "handle-uri", "--", answer])
            said, complaint = process.communicate(timeout=60)
        assert (process.returncode, complaint) == (0, b"")
        return dict(json.loads(said))

    # Programs that want tokens --------------------------------------------------------------

    def sample_connector(self, server_url: str) -> tuple[int, str]:
        """The program that ships as an example: its exit status and what it says."""
        program = (sys.executable, "-I", "-m", "manager.practice.sample_connector")
        finished = subprocess.run(
            [*program, "--server", server_url],
            env=self.session.environment,
            cwd=self.session.home,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return finished.returncode, (finished.stdout + finished.stderr).decode()

    def connector(self, job: str, **options: object) -> Connector:
        """A program of the person's that uses the client library; see connector.py."""
        return Connector(self.session, job, options)

    def agent(self) -> int:
        """The process id of the running agent."""
        return int(self.command("status")["pid"])

    def wait_until_all_ended(self) -> None:
        """The window, the agent, and whatever else is ours."""

        def left() -> list[object]:
            processes = self.session.processes().values()
            ours = [words for words in processes if "-m manager" in words]
            return [*ours, *self._agents.running()]

        until(lambda: not left(), "end of our own processes")

    def close(self) -> None:
        self._parts.close()


def defaults(icon: TrayItem) -> dict[str, bool]:
    """The accounts of the tray's radio list, and which of them is the default."""
    return {entry.label: entry.checked for entry in icon.menu().walk() if entry.checked is not None}


BROWSER = """#!{python} -I
import subprocess, sys
from manager.practice.person import Person
answer = Person({login!r}, allow={allow}).visit(sys.argv[1])
subprocess.run(["xdg-open", answer], check=False)
"""
