"""The peer is who the kernel says, with and without SO_PEERPIDFD."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.core.connector import Connector
from manager.system.peer_identity import linux
from manager.system.peer_identity.linux import Peer, identify_peer

_IMPORT = "import os, socket, sys;"
_CONNECT = "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1)"


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        listener.settimeout(20)
        yield listener


@pytest.fixture(params=["pidfd", "older kernel"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "older kernel":
        monkeypatch.setattr(linux, "_SO_PEERPIDFD", 9999)
    return str(request.param)


def test_another_process(listener: socket.socket, kernel: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", _IMPORT + _CONNECT, listener.getsockname()])
    with listener.accept()[0] as connection:
        peer = identify_peer(connection)
    process.wait()
    assert peer == Peer(process.pid, os.getuid(), os.getgid(), os.path.realpath(sys.executable))


def test_a_peer_that_is_gone_has_no_path(listener: socket.socket, kernel: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", _IMPORT + _CONNECT, listener.getsockname()])
    with listener.accept()[0] as connection:
        connection.send(b"x")
        process.wait()
        peer = identify_peer(connection)
    assert peer == Peer(process.pid, os.getuid(), os.getgid(), None)


def test_a_handle_whose_process_ended_takes_the_path_away(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number may already belong to somebody else: believe the handle, not the number."""
    process = subprocess.Popen([sys.executable, "-c", _IMPORT + _CONNECT, listener.getsockname()])
    with listener.accept()[0] as connection:
        handle = os.pidfd_open(process.pid)
        connection.send(b"x")
        select.select([handle], [], [], 20)
        monkeypatch.setattr(linux, "_executable", lambda pid: "/usr/bin/somebody-else")
        monkeypatch.setattr(linux, "_peer_pidfd", lambda connection: handle)
        assert identify_peer(connection).executable is None
    process.wait()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user(kernel: str) -> None:
    script = _IMPORT + "os.setgid(65534); os.setuid(65534);" + _CONNECT
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Path(folder).chmod(0o755)
        listener.bind(folder + "/s")
        Path(folder, "s").chmod(0o666)
        listener.listen()
        listener.settimeout(20)
        command = [sys.executable, "-c", script, folder + "/s"]
        with subprocess.Popen(command), listener.accept()[0] as connection:
            peer = identify_peer(connection)
    assert (peer.uid, peer.gid) == (65534, 65534)


def test_no_descriptor_is_left(listener: socket.socket, kernel: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(listener.getsockname())
        with listener.accept()[0] as connection:
            identify_peer(connection)
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(20):
                identify_peer(connection)
            assert len(os.listdir("/proc/self/fd")) == before


def test_a_connector_is_described() -> None:
    said = Connector(name="Rhino", version="8.1")
    assert Peer(7, 1000, 100, "/opt/rhino").describe(said) == Connector(
        name="Rhino", version="8.1", pid=7, uid=1000, executable="/opt/rhino"
    )
