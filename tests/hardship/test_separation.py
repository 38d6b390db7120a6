"""Who may do what at the sockets: connectors, other users, and what stands where they belong."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.client.protocol.messages import CONTROL, METHODS
from tests.hardship.conftest import Standing
from tests.hardship.running_agent import RunningAgent, is_root
from tests.hardship.wire import Refused

ONLY_CONTROL = [method for method, row in METHODS.items() if row.socket == CONTROL]
OUTSIDER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder, *sockets = sys.argv[1:]
got = []
try:
    got.append(os.listdir(folder))
except PermissionError:
    pass
for path in sockets:
    wire = socket.socket(socket.AF_UNIX)
    try:
        wire.connect(path)
        got.append(wire.recv(4096).decode())
        wire.sendall(b'{"jsonrpc":"2.0","id":1,"method":"hello",'
                     b'"params":{"protocol":1,"connector":{"name":"x"}}}\\n')
        got.append(wire.recv(4096).decode())
    except (PermissionError, BrokenPipeError, ConnectionResetError):
        pass
print(got)
"""


def outsider(folder: Path, *sockets: Path) -> str:
    """What user nobody gets of a folder and its sockets, as text."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", OUTSIDER, str(folder), *map(str, sockets)],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
        cwd="/",
    ).stdout.strip()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_the_table_has_both_kinds() -> None:
    assert {"agent.stop", "accounts.remove", "sign_in.complete"} <= set(ONLY_CONTROL)


@pytest.mark.parametrize("method", ONLY_CONTROL)
def test_a_connector_does_not_have_the_persons_methods(standing: Standing, method: str) -> None:
    with standing.agent.connect() as connector:
        for params in ({}, {"account": standing.account}, {"uri": "x", "url": "x", "server": "x"}):
            with pytest.raises(Refused) as refused:
                connector.call(method, **params)
            assert refused.value.kind == "unknown_method"
    assert standing.agent.state(standing.account)[0] == "signed_in"


def test_folders_and_sockets_are_the_persons_alone(standing: Standing) -> None:
    agent = standing.agent
    for folder in ("config", "data", "state", "run"):
        assert mode(agent.home / folder) == 0o700
    for path in (agent.agent_socket, agent.control_socket):
        assert mode(path) == 0o600
    for path in agent.home.rglob("*"):
        assert mode(path) & 0o077 == 0, path


@pytest.mark.skipif(not is_root(), reason="only root may become somebody else")
def test_user_nobody_gets_nothing(standing: Standing) -> None:
    agent = standing.agent
    for folder in (agent.home, agent.home / "data", agent.home / "run"):
        found = outsider(folder, agent.agent_socket, agent.control_socket)
        assert found == "[]"


@pytest.mark.skipif(not is_root(), reason="only root may become somebody else")
def test_an_open_folder_and_socket_are_not_enough(
    new_agent: Callable[[], RunningAgent],
) -> None:
    """Were the modes ever wrong, the kernel's word on who calls still keeps others out."""
    agent = new_agent().start()
    for path in (agent.session.folder, agent.home, agent.home / "run"):
        path.chmod(0o755)
    for path in (agent.agent_socket, agent.control_socket):
        path.chmod(0o666)
    found = outsider(agent.home, agent.agent_socket, agent.control_socket)
    assert found.count("belongs to another user") == 2
    assert "session" not in found
    assert "protocol" not in found


# Where the sockets are -------------------------------------------------------------------------


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="am-", dir="/tmp") as folder:
        yield Path(folder)


def start_at(agent: RunningAgent, path: Path) -> RunningAgent:
    agent.environment["ACCOUNT_MANAGER_SOCKET"] = str(path)
    agent.agent_socket, agent.control_socket = path, path.with_name("control.sock")
    return agent


def refused_start(agent: RunningAgent) -> str:
    """What an agent says that does not start."""
    before = len(agent.output.read_text()) if agent.output.exists() else 0
    agent.start(wait=False)
    assert agent.process is not None
    assert agent.process.wait(15) in (75, 78)
    return agent.output.read_text()[before:]


def test_a_socket_named_in_an_open_folder_is_not_served_to_others(
    new_agent: Callable[[], RunningAgent], place: Path
) -> None:
    folder = place / "open"
    folder.mkdir()
    folder.chmod(0o755)
    agent = start_at(new_agent(), folder / "agent.sock").start()
    assert mode(folder) == 0o700
    assert mode(folder / "agent.sock") == mode(folder / "control.sock") == 0o600
    if is_root():
        place.chmod(0o755)
        assert outsider(folder, agent.agent_socket, agent.control_socket) == "[]"


def test_a_folder_that_everybody_shares_is_refused_and_left_alone(
    new_agent: Callable[[], RunningAgent], place: Path
) -> None:
    shared = place / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    said = refused_start(start_at(new_agent(), shared / "agent.sock"))
    assert str(shared) in said
    assert "Traceback" not in said
    assert mode(shared) == 0o1777
    assert list(shared.iterdir()) == []


def test_a_link_in_place_of_the_folder_is_refused(
    new_agent: Callable[[], RunningAgent], place: Path
) -> None:
    real = place / "real"
    real.mkdir()
    (place / "link").symlink_to(real)
    said = refused_start(start_at(new_agent(), place / "link" / "agent.sock"))
    assert "link" in said
    assert list(real.iterdir()) == []


@pytest.mark.parametrize("name", ["agent.sock", "control.sock"])
@pytest.mark.parametrize("what", ["file", "link", "link to nothing", "folder"])
def test_what_stands_in_a_sockets_place_stays(
    new_agent: Callable[[], RunningAgent], place: Path, name: str, what: str
) -> None:
    precious = place / "precious"
    precious.write_text("kept")
    run = place / "run"
    run.mkdir()
    squatter = run / name
    match what:
        case "file":
            squatter.write_text("kept")
        case "link":
            squatter.symlink_to(precious)
        case "link to nothing":
            squatter.symlink_to(place / "nothing")
        case "folder":
            squatter.mkdir()
    said = refused_start(start_at(new_agent(), run / "agent.sock"))
    assert "not a socket of Account Manager" in said
    assert squatter.is_symlink() == what.startswith("link")
    assert precious.read_text() == "kept"
    assert not (place / "nothing").exists()
    others = {each.name for each in run.iterdir()} - {name}
    assert others <= {"agent.lock"}, "nothing is left of a start that failed"


def test_a_stale_socket_is_replaced_and_a_living_one_is_not(
    new_agent: Callable[[], RunningAgent], place: Path
) -> None:
    run = place / "run"
    run.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(run / "agent.sock"))
    agent = start_at(new_agent(), run / "agent.sock").start()
    agent.kill()
    assert agent.agent_socket.exists()
    agent.start()
    other = start_at(new_agent(), run / "agent.sock")
    assert "already" in refused_start(other)
    assert agent.answers()
    assert agent.stop() == 0
    assert not agent.agent_socket.exists()
    assert not agent.control_socket.exists()
    with socket.socket(socket.AF_UNIX) as somebody:
        somebody.bind(str(run / "agent.sock"))
        somebody.listen()
        assert "already" in refused_start(other)
        assert (run / "agent.sock").is_socket()


def test_a_path_that_is_too_long_or_relative_is_said(
    new_agent: Callable[[], RunningAgent], place: Path
) -> None:
    for path in (place / ("x" * 100) / "agent.sock", Path("relative/agent.sock")):
        agent = new_agent()
        agent.environment["ACCOUNT_MANAGER_SOCKET"] = str(path)
        said = refused_start(agent)
        assert "Traceback" not in said
        assert "path" in said


def test_an_open_umask_opens_nothing(new_agent: Callable[[], RunningAgent]) -> None:
    before = os.umask(0)
    try:
        agent = new_agent().start()
    finally:
        os.umask(before)
    for path in agent.home.rglob("*"):
        assert mode(path) & 0o077 == 0, path
