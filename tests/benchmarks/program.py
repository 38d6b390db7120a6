"""The program under measurement: a real agent with a real keychain and accounts in it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from manager.client import Client
from manager.practice.person import Person
from tests.benchmarks.timed_server import TimedServer
from tests.real_parts.private_session import PrivateSession

PYTHON = (sys.executable, "-I")
HELLO = (
    '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"connector":{"name":"b"}}}\n'
)


class Program:
    """The agent of the session; `start` and `stop` it as often as a measure wants."""

    def __init__(self, session: PrivateSession) -> None:
        self.session = session
        self.folder = session.runtime / "account-manager"
        self.connectors = str(self.folder / "agent.sock")
        self.control = str(self.folder / "control.sock")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *python_options: str) -> float:
        """Seconds until it answers."""
        began = time.perf_counter()
        command = [*PYTHON, *python_options, "-m", "manager", "agent"]
        self.process = self.session.start(command)
        client = self.client()
        while True:
            try:
                client.call("accounts.list", {"limit": 1})
                break
            except Exception:  # not there yet  # noqa: BLE001
                assert self.process.poll() is None, self.session.log("python").read_text()[-2000:]
                time.sleep(0.002)
        client.close()
        return time.perf_counter() - began

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def client(self, *, control: bool = False) -> Client:
        path = self.control if control else self.connectors
        return Client(socket=path, control=control, name="benchmark", auto_start=False)

    def sign_in(self, server: TimedServer) -> tuple[str, float]:
        """The new account's id, and the seconds from the callback to the stored account that the
        server did not spend itself."""
        with self.client(control=True) as client:
            begun = client.call(
                "sign_in.begin",
                {
                    "server": server.url,
                    "client_id": "account-manager",
                    "redirect": "scheme",
                    "provider": "oidc",
                },
            )
            callback = Person(server.newcomer()).visit(str(begun["authorization_url"]))
            server.start_watch()
            began = time.perf_counter()
            done = client.call("sign_in.complete", {"uri": callback})
            took = time.perf_counter() - began - server.spent
        account = done["account"]
        assert isinstance(account, dict)
        return account["id"], took

    def resident(self) -> int:
        """Bytes of the agent's memory (Rss)."""
        assert self.process is not None
        return resident(self.process.pid)


def token_request(account: str | None, min_valid: float = 60, *, server: str | None = None) -> str:
    named = {"account": account} if server is None else {"server": server}
    params = {**named, "min_valid": min_valid}
    request = {"jsonrpc": "2.0", "id": 2, "method": "token.get", "params": params}
    return json.dumps(request) + "\n"


def resident(process: int) -> int:
    """Bytes of a process's memory (Rss)."""
    with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as lines:
        figure = next(line for line in lines if line.startswith("Rss:"))
    return int(figure.split()[1]) * 1024


def run_python(session: PrivateSession, arguments: Sequence[str]) -> str:
    """What a Python of the session prints."""
    return session.run([*PYTHON, *arguments], timeout=60).stdout.decode()
