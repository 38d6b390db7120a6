"""From nothing to the first token: the agent, the command, the Python client, the window."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.oidc_agent import ACCOUNT, OidcAgent
from tests.benchmarks.program import HELLO, PYTHON, Program, run_python, token_request
from tests.benchmarks.results import Goal, Results
from tests.real_parts.display import Display
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

_SOCKET_AND_JSON = """
import json, socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
peer.sendall((sys.argv[2] + sys.argv[3]).encode())
answer = b""
while answer.count(b"\\n") < 2:
    answer += peer.recv(65536)
print(json.loads(answer.splitlines()[1])["result"]["access_token"])
"""
_CLIENT = """
import sys, time
began = time.perf_counter()
from manager.client import Client
Client(socket=sys.argv[1]).token(sys.argv[2])
print(time.perf_counter() - began)
"""
_KEYRING = """
import sys, time
began = time.perf_counter()
from keyring.backends.SecretService import Keyring
Keyring().get_password("benchmark", "benchmark")
print(time.perf_counter() - began)
"""
_SET_PASSWORD = """
from keyring.backends.SecretService import Keyring
Keyring().set_password("benchmark", "benchmark", "benchmark")
"""
_BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(["bare"])
window = QMainWindow()
window.setWindowTitle("Bare window")
window.resize(900, 600)
window.show()
app.exec()
"""


def measure_command(
    results: Results, program: Program, account: str, peer: OidcAgent | None, rounds: int
) -> None:
    name = "`account-manager token`, spawn to exit"
    script = "socket and json script"
    results.measure(name, "ms", Goal(script, 1.2))
    minimal = ["-c", _SOCKET_AND_JSON, program.connectors, HELLO, token_request(account)]
    subjects: dict[str, Callable[[], float]] = {
        "ours": lambda: _spawned(program.session, [*PYTHON, "-m", "manager", "token", account]),
        script: lambda: _spawned(program.session, [*PYTHON, *minimal]),
    }
    if peer is not None:
        subjects["oidc-token"] = lambda: _spawned(program.session, ["oidc-token", ACCOUNT])
    results.in_turn(name, subjects, rounds * 4)


def measure_python_client(results: Results, program: Program, account: str, rounds: int) -> None:
    name = "Python client: import, connect, first token"
    keyring = "keyring get_password"
    results.measure(name, "ms", Goal(keyring, 0.1))
    session = program.session
    run_python(session, ["-c", _SET_PASSWORD])
    results.in_turn(
        name,
        {
            "ours": lambda: float(
                run_python(session, ["-c", _CLIENT, program.connectors, account])
            ),
            keyring: lambda: float(run_python(session, ["-c", _KEYRING])),
        },
        rounds,
    )


def measure_agent_start(results: Results, program: Program, account: str, rounds: int) -> None:
    """Spawn to the first token, keychain and all."""
    name = "agent: start to first token"
    results.measure(name, "ms", Goal(limit=0.3))

    def start() -> float:
        program.stop()
        began = time.perf_counter()
        program.start()
        with program.client() as client:
            client.token(account)
        return time.perf_counter() - began

    results.in_turn(name, {"ours": start}, rounds)


def measure_window(results: Results, program: Program, display: Display, rounds: int) -> None:
    """On a real X server; xdotool says when the window is there, for both."""
    name = "desktop: start to first window"
    results.measure(name, "ms", Goal("bare PySide6 window", 1.5))
    session = program.session
    results.in_turn(
        name,
        {
            "ours": lambda: _window(session, ["-m", "manager"], "^Account Manager$"),
            "bare PySide6 window": lambda: _window(session, ["-c", _BARE_WINDOW], "^Bare window$"),
        },
        rounds,
    )


def _spawned(session: PrivateSession, command: Sequence[str | Path]) -> float:
    began = time.perf_counter()
    session.run(command)
    return time.perf_counter() - began


def _window(session: PrivateSession, arguments: Sequence[str], title: str) -> float:
    began = time.perf_counter()
    process = session.start([sys.executable, "-I", *arguments])
    search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", title]
    session.run(search, timeout=30)
    took = time.perf_counter() - began
    process.kill()
    process.wait(10)
    still = ["sh", "-c", f"xdotool search --onlyvisible --name '{title}' || true"]
    until(lambda: not session.run(still).stdout.strip(), "end of the window")
    return took
