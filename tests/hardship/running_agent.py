"""The agent as a process of its own with its own folders, and what a test may do to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from manager.core.account import Account
from manager.core.credential import OAuthTokens
from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.practice.person import Person
from manager.storage.account_store import SealedAccountStore
from manager.storage.keychain import SecretService
from tests.hardship.wire import Refused, Wire
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

PROGRAM = (sys.executable, "-I", "-m", "manager")
CLIENT = {"client_id": "account-manager", "redirect": "paste"}


class RunningAgent:
    """`home` (short: sockets live below it) holds all its folders; they outlive the process."""

    def __init__(
        self, session: PrivateSession, home: Path, program: Sequence[str] = PROGRAM
    ) -> None:
        self.session = session
        self.home = home
        self._program = program
        self.environment = {**session.environment, "ACCOUNT_MANAGER_HOME": str(home)}
        self.agent_socket = home / "run" / "agent.sock"
        self.control_socket = home / "run" / "control.sock"
        self.output = session.folder / f"{home.name}-output"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # The process -------------------------------------------------------------------------------

    def start(self, *options: str, wait: bool = True, limits: Sequence[str] = ()) -> Self:
        """Start it; `wait`: until it answers. `limits`: options of prlimit(1) to start it under."""
        command = [*self._program, "agent", "--verbose", *options]
        if limits:
            command = ["prlimit", *limits, *command]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if wait:
            until(self.answers, "agent that answers")
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.output.read_text()
        try:
            Wire(self.agent_socket).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self, patience: float = 10.0) -> int | None:
        """End it as a logout does; its exit status, None when it was not running."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def descriptors(self) -> list[str]:
        """What it has open, by kind and path; nothing but for root: it is not dumpable."""
        found: list[str] = []
        if not is_root():
            return found
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                found.append(str(entry.readlink()))
        return sorted(found)

    def memory(self) -> int:
        """Resident bytes that belong to nobody else."""
        fields = Path(f"/proc/{self.pid}/status").read_text().split()
        return int(fields[fields.index("RssAnon:") + 1]) * 1024

    # Its two doors -----------------------------------------------------------------------------

    def connect(self, *, control: bool = False, greet: bool = True) -> Wire:
        return Wire(self.control_socket if control else self.agent_socket, greet=greet)

    def call(self, method: str, /, **params: Any) -> Any:
        """One call on the control socket. Raises Refused."""
        with self.connect(control=True) as wire:
            return wire.call(method, **params)

    def token(self, account: str, min_valid: float = 0.0) -> dict[str, Any]:
        """A token as a connector gets it. Raises Refused."""
        with self.connect() as wire:
            return wire.call("token.get", account=account, min_valid=min_valid)

    def refusal(self, method: str, /, **params: Any) -> Refused:
        """The error of a call on the control socket that must not succeed."""
        try:
            self.call(method, **params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was answered")

    def state(self, account: str) -> tuple[str, str | None, str | None]:
        """State, reason and how the last renewal went."""
        found = self.call("accounts.get", account=account)
        return found["state"], found.get("reason"), found.get("last_attempt")

    def command(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """The command line, as the person sees it."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=self.environment,
            cwd="/",
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sign_in(
        self, server: AuthorizationServer, login: str = "alice", **options: Any
    ) -> dict[str, Any]:
        """Sign in over the control socket, the person's pages and a pasted answer."""
        begun = self.call("sign_in.begin", server=server.url, **{**CLIENT, **options})
        answer = Person(login).visit(begun["authorization_url"])
        account: dict[str, Any] = self.call("sign_in.complete", uri=answer)["account"]
        return account

    # What it has stored ------------------------------------------------------------------------

    async def stored(self, account: str, keys: MemoryStore) -> tuple[Account, OAuthTokens, bool]:
        """What a copy of its database says now: the account, its credential, the refresh mark.

        `keys`: its keychain items, copied by `keys_of`.
        """
        folder = Path(tempfile.mkdtemp(dir=self.session.folder))
        try:
            for file in (self.home / "data").glob("accounts.db*"):
                shutil.copy(file, folder)
            store = SealedAccountStore(folder, memory_keychain(keys))
            accounts, _ = await store.load()
            (known,) = (each for each in accounts if each.id == account)
            credential = await store.credential(account)
            assert isinstance(credential, OAuthTokens)
            marked = await store.refresh_marked(account)
            await store.close()
        finally:
            shutil.rmtree(folder)
        return known, credential, marked

    def keys_of(self, *accounts: str) -> MemoryStore:
        """Copies of the keychain's items of these accounts."""
        keys, keychain = MemoryStore(), SecretService(self.environment)
        for account in accounts:
            text = keychain.read(account)
            assert text is not None, "the keychain has no key of this account"
            keys.items[account] = text
        return keys


def is_root() -> bool:
    return os.geteuid() == 0
