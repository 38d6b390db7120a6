"""Starting an agent: a stand-in for it is started through a real launch record."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.client import AsyncClient, Client, launcher
from manager.client.errors import AgentUnavailable
from manager.client.launcher import clean_environment
from tests.real_parts.waiting import until

_AGENT = """\
#!{python} -I
# What an agent does at its start: one of them gets the lock, listens, and answers by the table.
import fcntl, json, os, socket, sys
home = os.environ["ACCOUNT_MANAGER_HOME"]
with open(os.path.join(home, "starts"), "a") as starts:
    starts.write(json.dumps({{"pid": os.getpid(), "session": os.getsid(0), "cwd": os.getcwd(),
        "arguments": sys.argv[1:], "environment": dict(os.environ)}}) + "\\n")
lock = open(os.path.join(home, "run", "lock"), "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(75)
listener = socket.socket(socket.AF_UNIX)
listener.bind(os.path.join(home, "run", "agent.sock"))
listener.listen(100)
while True:
    connection, _ = listener.accept()
    lines = connection.makefile("rb")
    for request in (json.loads(lines.readline()), json.loads(lines.readline())):
        result = {{"accounts": []}} if request["method"] == "accounts.list" else {{}}
        reply = {{"jsonrpc": "2.0", "id": request["id"], "result": result}}
        connection.sendall(json.dumps(reply).encode() + b"\\n")
"""


def record(home: Path, script: str) -> None:
    """Put a program into the launch record, as the program itself does at its first run."""
    state = home / "state"
    state.mkdir(mode=0o700)
    program = state / "agent"
    program.write_text(script)
    program.chmod(0o700)
    written = state / "launch.json"
    written.write_text(json.dumps({"format": 1, "command": [str(program)]}))
    written.chmod(0o600)


def starts(home: Path) -> list[dict]:
    return [json.loads(line) for line in (home / "starts").read_text().splitlines()]


def processes_of(home: Path) -> list[int]:
    """The running programs whose environment names this home, but for this one."""
    wanted = f"ACCOUNT_MANAGER_HOME={home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            named = wanted in (folder / "environ").read_bytes().split(b"\0")
            if named and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


@pytest.fixture
def installed(home: Path) -> Iterator[Path]:
    record(home, _AGENT.format(python=sys.executable))
    yield home
    # Those that lost the race for the lock may not even have begun: all are found by their home.
    for pid in processes_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not processes_of(home), "end of the stand-ins")
    for process in launcher._started:
        process.wait(10)


def test_an_agent_is_started_apart_from_this_program(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/poisoned")
    monkeypatch.setenv("LD_PRELOAD", "")
    with Client(timeout=5) as client:
        assert client.accounts() == []
    (start,) = starts(installed)
    assert start["arguments"] == ["agent"]
    assert start["cwd"] == "/"
    assert start["session"] == start["pid"] != os.getsid(0)
    assert start["environment"]["ACCOUNT_MANAGER_HOME"] == str(installed)
    assert not {"PYTHONPATH", "LD_PRELOAD"} & set(start["environment"])


@pytest.mark.anyio
async def test_asyncio_starts_one_too(installed: Path) -> None:
    async with AsyncClient(timeout=5) as client:
        assert await client.accounts() == []
    assert len(starts(installed)) == 1


def test_twenty_programs_at_once_find_one_agent(installed: Path) -> None:
    script = "from manager.client import Client; print(Client(timeout=20).accounts())"
    programs = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        for _ in range(20)
    ]
    assert [program.communicate(timeout=60)[0] for program in programs] == ["[]\n"] * 20
    assert [program.returncode for program in programs] == [0] * 20


def test_without_a_record_the_error_says_what_to_do(home: Path) -> None:
    with pytest.raises(AgentUnavailable) as caught:
        Client().token()
    assert "account-manager agent" in caught.value.hint


def test_an_agent_that_fails_is_not_waited_for(home: Path) -> None:
    record(home, "#!/bin/sh\nexit 69\n")
    with pytest.raises(AgentUnavailable, match="status 69"):
        Client().token()


def test_an_agent_that_never_answers_is_given_up(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "WAIT", 0.05)
    record(home, "#!/bin/sh\nexit 0\n")
    with pytest.raises(AgentUnavailable, match="10 seconds"):
        Client().token()


def test_only_known_variables_are_handed_on() -> None:
    given = {
        "HOME": "/home/a",
        "LC_ALL": "C",
        "XDG_RUNTIME_DIR": "/run/user/1",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1/bus",
        "ACCOUNT_MANAGER_SOCKET": "/run/a.sock",
        "PATH": "/poisoned",
        "PYTHONSTARTUP": "x",
        "QT_PLUGIN_PATH": "x",
        "SSLKEYLOGFILE": "x",
        "https_proxy": "x",
    }
    kept = clean_environment(given)
    assert kept.pop("PATH") == "/usr/local/bin:/usr/bin:/bin"
    assert set(kept) == set(given) - {
        "PATH",
        "PYTHONSTARTUP",
        "QT_PLUGIN_PATH",
        "SSLKEYLOGFILE",
        "https_proxy",
    }
