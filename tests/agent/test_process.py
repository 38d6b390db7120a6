"""The agent as a process: how it starts, refuses to start, and ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.agent.program import Program, answers
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Wire, frame
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus
from tests.real_parts.waiting import until

AT_MOST = 2.0
"""Seconds that a stop may take; the clock of a busy machine gets one more."""


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program(Path(tempfile.mkdtemp(prefix="am-", dir="/tmp")))
    yield made
    made.close()


def ended_well(process: subprocess.Popen[Any], number: signal.Signals = signal.SIGTERM) -> None:
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert time.monotonic() - began < AT_MOST + 1.0
    assert process.returncode == 0
    assert "Traceback" not in (err or "")


def test_help(program: Program) -> None:
    status, out, err = program.run("--help")
    assert (status, err) == (0, "")
    assert "--consent" in out
    assert not any(program.home.iterdir())


def test_an_unknown_option(program: Program) -> None:
    status, out, err = program.run("--nonsense")
    assert (status, out) == (64, "")
    assert "--nonsense" in err
    assert not any(program.home.iterdir())


def test_a_second_agent(program: Program) -> None:
    first = program.running()
    status, _, err = program.run()
    assert status == 75
    assert err.startswith("account-manager agent: ")
    assert "Traceback" not in err
    assert first.poll() is None
    assert all(answers(path) for path in program.sockets)


@pytest.mark.parametrize("trouble", ["shared by all", "a file", "a link", "too long"])
def test_an_unusable_folder(program: Program, trouble: str) -> None:
    folder = program.home / "run"
    match trouble:
        case "shared by all":
            folder.mkdir()
            folder.chmod(0o1777)
        case "a file":
            folder.write_text("")
        case "a link":
            folder.symlink_to(tempfile.gettempdir())
        case "too long":
            program.environment["ACCOUNT_MANAGER_HOME"] = str(program.home / ("x" * 120))
    status, out, err = program.run()
    assert (status, out) == (78, "")
    assert err.startswith("account-manager agent: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(program: Program, number: signal.Signals) -> None:
    ended_well(program.running(), number)
    assert not any(path.exists() for path in program.sockets)


def test_open_connections_and_a_slow_server_do_not_hold_it_up(program: Program) -> None:
    process = program.running()
    with (
        AuthorizationServer() as server,
        Wire(program.sockets[0]) as connector,
        Wire(program.sockets[0], greet=False) as silent,
        Wire(program.sockets[1]) as control,
    ):
        server.change_faults(delay={"*": 60.0})
        control.send(frame("servers.probe", url=server.url))
        until(lambda: server.requests, "request at the server")
        ended_well(process)
        assert [wire.kind() for wire in (connector, silent)] == ["shutting_down"] * 2
        assert connector.ended()
    assert not any(path.exists() for path in program.sockets)


@pytest.mark.real
def test_a_pending_sign_in_does_not_hold_it_up() -> None:
    session = PrivateSession()
    try:
        Keychain(SessionBus(session))
        agent = RunningAgent(session, session.folder / "a").start()
        assert agent.process is not None
        with AuthorizationServer() as server, agent.connect(control=True) as control:
            begun = control.call(
                "sign_in.begin",
                server=server.url,
                client_id="account-manager",
                redirect="loopback",
            )
            control.send(frame("sign_in.wait", sign_in=begun["sign_in"]))
            ended_well(agent.process)
        assert not agent.agent_socket.exists()
        assert not agent.control_socket.exists()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(begun["redirect_uri"]).port), 1)
    finally:
        session.close()


def test_it_starts_again_after_it_was_killed(program: Program) -> None:
    process = program.running()
    process.kill()
    process.wait()
    assert all(path.exists() for path in program.sockets)
    assert program.running().poll() is None
