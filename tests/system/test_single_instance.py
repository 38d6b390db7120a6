"""Of all agents that start at once exactly one runs; what a killed one left is no obstacle."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.system import single_instance
from manager.system.single_instance import (
    AlreadyRunning,
    SingleInstance,
    SocketPlaceTaken,
    remove_socket,
    socket_identity,
)

_START = """
import sys
from pathlib import Path
from manager.system.single_instance import AlreadyRunning, SingleInstance
for line in sys.stdin:
    folder = Path(line.strip())
    try:
        with SingleInstance(folder) as instance, instance.listen(str(folder / "s")):
            print("won", flush=True)
            sys.stdin.readline()  # until everybody else has tried
    except AlreadyRunning:
        print("lost", flush=True)
        sys.stdin.readline()
    print("done", flush=True)
"""
_CONTENDERS = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def contenders() -> Iterator[list[subprocess.Popen[str]]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(_CONTENDERS)
    ]
    yield started
    for process in started:
        process.communicate()


def _say(contenders: list[subprocess.Popen[str]], line: str) -> list[str]:
    for process in contenders:
        assert process.stdin
        process.stdin.write(line + "\n")
        process.stdin.flush()
    return [process.stdout.readline().strip() for process in contenders if process.stdout]


@pytest.mark.parametrize("races", [50, pytest.param(500, marks=pytest.mark.whole)])
def test_exactly_one_wins(
    contenders: list[subprocess.Popen[str]], folder: Path, races: int
) -> None:
    for race in range(races):
        if race % 2:  # the socket of a killed agent lies there
            (folder / "s").unlink(missing_ok=True)
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(folder / "s"))
        outcome = _say(contenders, str(folder))
        assert sorted(outcome) == ["lost"] * (_CONTENDERS - 1) + ["won"]
        assert set(_say(contenders, "")) == {"done"}


def test_a_killed_winner_leaves_nothing_in_the_way(
    contenders: list[subprocess.Popen[str]], folder: Path
) -> None:
    assert _say(contenders[:1], str(folder)) == ["won"]
    assert _say(contenders[1:2], str(folder)) == ["lost"]
    contenders[0].send_signal(signal.SIGKILL)
    contenders[0].wait()
    assert _say(contenders[1:2], "") == ["done"]
    assert _say(contenders[1:2], str(folder)) == ["won"]
    assert _say(contenders[1:2], "") == ["done"]


def test_the_socket_is_the_owners_and_answers(folder: Path) -> None:
    path = str(folder / "s")
    before = os.umask(0o022)
    try:
        with SingleInstance(folder) as instance, instance.listen(path) as listener:
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            assert stat.S_IMODE(os.stat(folder / "agent.lock").st_mode) == 0o600
            assert not listener.getblocking()
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
            remove_socket(path, socket_identity(path))
            assert not os.path.exists(path)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_without_the_lock_nothing_is_touched(folder: Path) -> None:
    with pytest.raises(RuntimeError):
        SingleInstance(folder).listen(str(folder / "s"))


@pytest.mark.parametrize("busy", [False, True])
def test_somebody_who_answers_is_left_alone(
    folder: Path, busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "_PROBE", 0.05)
    path = str(folder / "s")
    with socket.socket(socket.AF_UNIX) as other, socket.socket(socket.AF_UNIX) as first:
        other.bind(path)
        other.listen(0)
        if busy:  # its queue is full
            first.connect(path)
        with SingleInstance(folder) as instance, pytest.raises(AlreadyRunning):
            instance.listen(path)
        assert os.path.exists(path)


@pytest.mark.parametrize("kind", ["link to a socket", "dangling link", "file", "folder"])
def test_what_is_not_our_socket_stays(folder: Path, kind: str) -> None:
    place = folder / "s"
    if kind == "file":
        place.touch()
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(folder / "other")
        if kind == "link to a socket":
            with socket.socket(socket.AF_UNIX) as other:
                other.bind(str(folder / "other"))
    with SingleInstance(folder) as instance, pytest.raises(SocketPlaceTaken) as caught:
        instance.listen(str(place))
    assert caught.value.hint
    assert os.path.lexists(place)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_another_users_socket_stays(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(folder / "s"))
    os.chown(folder / "s", 65534, 65534)
    with SingleInstance(folder) as instance, pytest.raises(SocketPlaceTaken):
        instance.listen(str(folder / "s"))
