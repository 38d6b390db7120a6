"""Whom the client talks to. Foreign owners are real ones where the tests may make them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.client import AsyncClient, Client
from manager.client.errors import UntrustedSocket
from manager.client.peer import peer_uid

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes another user's socket")
NOBODY = 65534


def refused(server: object) -> None:
    with pytest.raises(UntrustedSocket) as caught:
        Client(auto_start=False).token()
    assert caught.value.hint
    assert server.first_reads == []


def test_a_folder_that_others_may_write_is_refused(serve: Callable, home: Path) -> None:
    server = serve()
    (home / "run").chmod(0o770)
    refused(server)


def test_a_file_in_the_sockets_place_is_refused(home: Path) -> None:
    (home / "run" / "agent.sock").write_text("")
    with pytest.raises(UntrustedSocket):
        Client(auto_start=False).token()


def test_a_link_to_another_socket_is_refused(serve: Callable, home: Path) -> None:
    server = serve(name="other.sock")
    (home / "run" / "agent.sock").symlink_to(home / "run" / "other.sock")
    refused(server)


@needs_root
def test_another_users_folder_is_refused(serve: Callable, home: Path) -> None:
    server = serve()
    os.chown(home / "run", NOBODY, -1)
    refused(server)


@needs_root
def test_another_users_socket_is_refused(serve: Callable, home: Path) -> None:
    server = serve()
    os.chown(home / "run" / "agent.sock", NOBODY, -1)
    refused(server)


_SQUATTER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
os.setuid(int(sys.argv[2]))
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
connection, _ = listener.accept()
print(connection.recv(100), flush=True)
"""


@pytest.fixture
def squatted() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A socket that another user's process serves, in files that look like ours."""
    with tempfile.TemporaryDirectory(prefix="am-") as folder:
        run = os.path.join(folder, "run")
        os.chmod(folder, 0o711)
        os.mkdir(run)
        os.chown(run, NOBODY, -1)
        path = os.path.join(run, "agent.sock")
        with subprocess.Popen(
            [sys.executable, "-I", "-c", _SQUATTER, path, str(NOBODY)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            os.chown(run, 0, -1)
            os.chown(path, 0, -1)
            os.chmod(run, 0o700)
            yield path, process
            process.kill()


@needs_root
def test_another_users_process_gets_not_one_byte(
    squatted: tuple[str, subprocess.Popen[str]],
) -> None:
    path, process = squatted
    with pytest.raises(UntrustedSocket):
        Client(socket=path, auto_start=False).token()
    assert process.communicate(timeout=10)[0] == "b''\n"


@needs_root
@pytest.mark.anyio
async def test_another_users_process_gets_not_one_byte_from_asyncio(
    squatted: tuple[str, subprocess.Popen[str]],
) -> None:
    path, process = squatted
    with pytest.raises(UntrustedSocket):
        await AsyncClient(socket=path, auto_start=False).token()
    assert process.communicate(timeout=10)[0] == "b''\n"


class Kernel:
    """A socket of a system that has no SO_PEERCRED."""

    def __init__(self, credentials: bytes) -> None:
        self.credentials = credentials

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        assert (level, option) == (0, 1)
        return self.credentials[:size]


def test_the_uid_of_a_peer_on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    version, uid = (number.to_bytes(4, sys.byteorder) for number in (0, 501))
    assert peer_uid(Kernel(version + uid + bytes(68))) == 501


@pytest.mark.parametrize("platform", ["darwin", "aix"])
def test_a_system_that_does_not_say_is_refused(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(UntrustedSocket):
        peer_uid(Kernel((7).to_bytes(4, sys.byteorder) + bytes(72)))


def test_our_own_process_is_trusted() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_uid(ours) == os.geteuid()
