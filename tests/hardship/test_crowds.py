"""Crowds on the sockets: whoever is served goes on being served, and nothing is left behind."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused
from tests.real_parts.waiting import until

CROWD = Path(__file__).with_name("crowd.py")
EACH = 63
"""Connections of one process; one more than 64 is refused."""
MEMORY = 12 << 20
"""Bytes; about 8.5 MiB are measured for 3,000 connections at once."""
UNREAD = 24 << 20
"""Bytes that stay after 64 peers that did not read, 256 KiB of replies waiting for each; 10 to 13
MiB are measured. The C library would keep far more for good were it not told otherwise."""


@contextlib.contextmanager
def crowd(agent: RunningAgent, how: str, processes: int, each: int = EACH) -> Iterator[int]:
    """So many processes with so many connections; their number."""
    command = [sys.executable, "-I", str(CROWD), str(agent.agent_socket), how]
    with subprocess.Popen(
        [*command, str(processes), str(each)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield processes * each
        process.stdin.close()


def served(agent: RunningAgent, account: str, seconds: float) -> str:
    """Ask for the cached token again and again; the figures, in milliseconds."""
    took = []
    until_then = time.monotonic() + seconds
    with agent.connect() as wire:
        while time.monotonic() < until_then:
            began = time.perf_counter()
            token = wire.call("token.get", account=account, min_valid=0)["access_token"]
            took.append((time.perf_counter() - began) * 1000)
            assert token
    cuts = statistics.quantiles(took, n=1000)
    return f"p50 {cuts[499]:.2f} p99 {cuts[989]:.2f} p99.9 {cuts[998]:.2f} max {max(took):.1f} ms"


@pytest.fixture
def account(agent: RunningAgent, server: AuthorizationServer) -> str:
    account: str = agent.sign_in(server)["id"]
    agent.token(account)
    return account


def connections(agent: RunningAgent) -> int:
    found: int = agent.call("agent.status")["connections"]
    return found


def test_a_thousand_idle_and_two_thousand_half_open(agent: RunningAgent, account: str) -> None:
    print("alone:", served(agent, account, 1))
    before, memory = len(agent.descriptors()), agent.memory()
    with crowd(agent, "idle", 16) as idle:
        assert idle >= 1000
        print("beside the idle:", served(agent, account, 1), f"{agent.memory() - memory >> 10} KiB")
        with crowd(agent, "silent", 16), crowd(agent, "half", 16):
            print("beside all:", served(agent, account, 2))
            until(lambda: connections(agent) <= idle + 1, "end of those that never said hello")
            more = agent.memory() - memory
            print(f"{more >> 10} KiB for all of them")
            assert more < MEMORY
    until(lambda: connections(agent) == 0, "end of the idle")
    until(lambda: len(agent.descriptors()) <= before, "end of their descriptors")


@pytest.mark.whole
def test_readers_that_do_not_read(agent: RunningAgent, account: str) -> None:
    before, memory = len(agent.descriptors()), [agent.memory()]
    for _ in range(4):
        with crowd(agent, "deaf", 4, 16):
            print("beside the deaf:", served(agent, account, 1))
            until(lambda: connections(agent) == 0, "end of those that do not read")
        memory.append(agent.memory())
    print("memory:", *(f"{each >> 10} KiB" for each in memory))
    assert memory[-1] - memory[0] < UNREAD
    assert memory[-1] - memory[-2] < MEMORY, "it does not grow with each crowd"
    until(lambda: len(agent.descriptors()) <= before, "end of their descriptors")


def test_a_usual_soft_limit_of_open_files_is_no_limit(
    new_agent: Callable[[], RunningAgent], server: AuthorizationServer
) -> None:
    agent = new_agent().start(limits=("--nofile=1024:4096",))
    account = agent.sign_in(server)["id"]
    with crowd(agent, "idle", 18) as idle:
        assert idle > 1024
        assert connections(agent) == idle
        assert server.accepts(agent.token(account)["access_token"])


@pytest.mark.whole
def test_out_of_descriptors(
    new_agent: Callable[[], RunningAgent], server: AuthorizationServer
) -> None:
    """Who is connected is served; a refresh that cannot be sent is no verdict; then all is well."""
    agent = new_agent().start(limits=("--nofile=128:128",))
    server.change_faults(lifetime=6)
    account = agent.sign_in(server)["id"]
    with agent.connect() as connector, agent.connect(control=True) as control:
        first = connector.call("token.get", account=account, min_valid=0)["access_token"]
        with crowd(agent, "silent", 3):
            try:
                second = connector.call("token.get", account=account, min_valid=5.9)
                assert server.accepts(second["access_token"])
            except Refused as refused:
                assert refused.kind in ("server_unreachable", "storage_unavailable")  # noqa: PT017
            assert control.call("accounts.get", account=account)["state"] == "signed_in"
        until(
            lambda: (
                connector.call("token.get", account=account, min_valid=0)["access_token"] != first
            ),
            "a refresh once there are descriptors again",
        )
        token = connector.call("token.get", account=account, min_valid=0)["access_token"]
        assert server.accepts(token)
    assert agent.state(account)[:2] == ("signed_in", None)
    assert server.reuse_detected == 0
    assert "Traceback" not in agent.output.read_text()
