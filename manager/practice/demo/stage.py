"""Where the demo plays: two practice servers, and an agent with a home of its own.

All of it ends with the `with` block, whatever happened in it: accounts are signed out (which takes
their items out of the keychain), processes are ended, the folder is removed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from manager.client import AccountManagerError, Client
from manager.client.exchange import objects
from manager.client.protocol.endpoint import EndpointError, agent_socket, control_socket
from manager.oauth.private_use_redirect import loopback_redirect_template
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import Application, SpeckleServer

OFFICE, SPECKLE = "Practice Office", "Speckle Practice"
_AGENT = ("agent", "--own-servers")
_STARTING = 20.0
_STOPPING = 5.0
_FOREIGN = ("ACCOUNT_MANAGER_HOME", "ACCOUNT_MANAGER_SOCKET")


class StageError(Exception):
    """The demo cannot begin here; the hint says what is missing. `status`: the exit status."""

    def __init__(self, sentence: str, hint: str, status: int = 69) -> None:
        super().__init__(sentence)
        self.hint = hint
        self.status = status


class Stage:
    """`with Stage() as stage:`; raises StageError when it cannot be set up."""

    def __init__(self) -> None:
        # The person's own programs take `speckle://`; a server without that app sends the browser
        # to a loopback port instead, and no program has to give a scheme away for a demo.
        no_scheme = Application("sdm", "Speckle Desktop Manager", "http://localhost:29364")
        self.office = AuthorizationServer()
        self.speckle = SpeckleServer(applications=[no_scheme])
        self.home = Path()
        self.environment: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            self.home = _private_folder()
            parts.callback(shutil.rmtree, self.home, ignore_errors=True)
            parts.enter_context(self.office)
            parts.enter_context(self.speckle)
            self._describe_servers()
            self.environment = _environment(self.home)
            self._check_sockets()
            parts.callback(self._end_processes)
            self._start_agent()
            parts.callback(self._clear)
            self._parts = parts.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._parts.close()

    def client(self) -> Client:
        """On the control socket, as the window and the command line are."""
        return Client(socket=control_socket(self.environment), control=True, auto_start=False)

    def connector(self) -> Client:
        """As any other program on this machine."""
        socket = agent_socket(self.environment)
        return Client(socket=socket, name="Demo", auto_start=False)

    def start(self, *arguments: str, module: str = "manager") -> subprocess.Popen[bytes]:
        """One of our own programs, ended with the stage; what it says is for `said`."""
        with self._log(module, arguments).open("wb") as log:
            # A session of its own: Ctrl-C in the terminal reaches the demo alone, which ends the
            # rest in order.
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", module, *arguments],
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def said(self, *arguments: str, module: str = "manager") -> str:
        """What the last program that was started so has said until now."""
        text = self._log(module, arguments).read_text(encoding="utf-8", errors="replace")
        return text.strip()

    def _log(self, module: str, arguments: tuple[str, ...]) -> Path:
        return self.home / (quote("-".join((module, *arguments)), safe="") + ".txt")

    def run(self, *arguments: str, module: str) -> tuple[int, str]:
        """One of our own programs to its end: its exit status and what it said."""
        process = self.start(*arguments, module=module)
        try:
            status = process.wait(120)
        except subprocess.TimeoutExpired:
            return 1, "It did not end within two minutes."
        return status, self.said(*arguments, module=module)

    def _describe_servers(self) -> None:
        """A catalogue of the demo's own, so that nobody has to type an address or a client id.

        Real servers are not offered (see `_AGENT`): one click would use the person's own browser
        session there, and give a scheme of their desktop to the demo.
        """
        loopback = loopback_redirect_template(self.office.url)
        text = _entry(
            url=self.office.url,
            name=OFFICE,
            provider="oidc",
            client_id="account-manager",
            redirect_uris={"loopback": loopback},
        ) + _entry(url=self.speckle.url, name=SPECKLE, provider="speckle")
        config = self.home / "config"
        config.mkdir(mode=0o700)
        (config / "servers.toml").write_text(text, encoding="utf-8")

    def _check_sockets(self) -> None:
        try:
            control_socket(self.environment)
        except EndpointError:
            sentence = f"The folder for temporary files has too long a name: {self.home.parent}"
            raise StageError(sentence, "Set TMPDIR to a shorter one, /tmp for one.") from None

    def _start_agent(self) -> None:
        agent = self.start(*_AGENT)
        deadline = time.monotonic() + _STARTING
        with self.client() as client:
            while True:
                try:
                    client.call("agent.status")
                    return
                except AccountManagerError as error:
                    if agent.poll() is not None or time.monotonic() > deadline:
                        why = "\n".join(self.said(*_AGENT).splitlines()[-2:]) or error.message
                        sentence = f"The demo's agent did not start. {why}"
                        hint = "See what it says by itself: account-manager agent --verbose"
                        raise StageError(sentence, hint) from None
                time.sleep(0.02)

    def _clear(self) -> None:
        """Nothing of the demo stays in the keychain: signing out removes an account's item."""
        with suppress(AccountManagerError), self.client() as client:
            for waiting in objects(client.call("sign_in.list"), "sign_ins"):
                client.call("sign_in.cancel", {"sign_in": waiting["sign_in"]})
            for account in client.accounts():
                client.call("accounts.remove", {"account": account.id}, _STOPPING)

    def _end_processes(self) -> None:
        for process in reversed(self.processes):
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _private_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="am-demo-"))
    except OSError as error:
        raise StageError(
            f"No folder for the demo could be made: {error.strerror}.",
            "Free some disk space, or set TMPDIR to a folder that you may write to.",
        ) from None


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {**kept, "ACCOUNT_MANAGER_HOME": str(home)}


def _entry(**values: str | Mapping[str, str]) -> str:
    """One `[[server]]` in TOML, whose basic strings are written as JSON writes its own."""
    lines = ["[[server]]"]
    for name, value in values.items():
        if isinstance(value, str):
            lines.append(f"{name} = {json.dumps(value)}")
        else:
            table = ", ".join(f"{key} = {json.dumps(each)}" for key, each in value.items())
            lines.append(f"{name} = {{ {table} }}")
    return "\n".join(lines) + "\n\n"
