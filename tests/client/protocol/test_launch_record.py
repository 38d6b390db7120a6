"""The launch record is believed only where no other user could have written it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from manager.client.protocol.launch_record import (
    LaunchRecordError,
    LaunchRecordMissing,
    launch_record,
    read_launch_command,
    state_folder,
    write_launch_command,
)

COMMAND = [sys.executable, "-I", "-m", "manager"]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "launch.json"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    program = tmp_path / "account-manager"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    return program


def _write(record: Path, content: object, mode: int = 0o600) -> None:
    record.write_text(content if isinstance(content, str) else json.dumps(content))
    record.chmod(mode)


def test_what_was_written_is_read(record: Path) -> None:
    write_launch_command(COMMAND, str(record))
    assert read_launch_command(str(record)) == COMMAND
    assert record.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in record.parent.iterdir()] == ["launch.json"]


def test_a_frozen_program_is_one_path(record: Path, program: Path) -> None:
    write_launch_command([str(program)], str(record))
    assert read_launch_command(str(record)) == [str(program)]


def test_a_second_write_replaces_the_first(record: Path, program: Path) -> None:
    write_launch_command(COMMAND, str(record))
    write_launch_command([str(program)], str(record))
    assert read_launch_command(str(record)) == [str(program)]


def test_missing(record: Path) -> None:
    with pytest.raises(LaunchRecordMissing):
        read_launch_command(str(record))


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o640, 0o660, 0o666])
def test_open_to_others(record: Path, mode: int) -> None:
    _write(record, {"format": 1, "command": COMMAND}, mode)
    with pytest.raises(LaunchRecordError, match="other users"):
        read_launch_command(str(record))


def test_a_link_is_refused(record: Path, tmp_path: Path) -> None:
    _write(tmp_path / "elsewhere", {"format": 1, "command": COMMAND})
    record.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LaunchRecordError):
        read_launch_command(str(record))


def test_a_pipe_does_not_block(record: Path) -> None:
    os.mkfifo(record, 0o600)
    with pytest.raises(LaunchRecordError, match="not a file"):
        read_launch_command(str(record))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_another_owner_is_refused(record: Path) -> None:
    _write(record, {"format": 1, "command": COMMAND})
    os.chown(record, 65534, 65534)
    with pytest.raises(LaunchRecordError, match="another user"):
        read_launch_command(str(record))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[" * 15_000,
        "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
        " " * 17_000,
        [],
        {"format": 2, "command": COMMAND},
        {"format": 1},
        {"format": 1, "command": "python"},
        {"format": 1, "command": [1]},
    ],
    ids=str,
)
def test_damaged(record: Path, content: object) -> None:
    _write(record, content)
    with pytest.raises(LaunchRecordError, match="damaged"):
        read_launch_command(str(record))


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["python3", "-I", "-m", "manager"],
        [sys.executable, "-m", "manager"],
        [sys.executable, "-c", "print()"],
        [sys.executable, "-I", "-m", "manager", "--consent=allow"],
        ["/nowhere/python3"],
        ["/bin\0/sh"],
        ["/etc"],
        ["/etc/passwd"],
    ],
    ids=str,
)
def test_another_command_is_neither_written_nor_read(record: Path, command: list[str]) -> None:
    with pytest.raises(LaunchRecordError):
        write_launch_command(command, str(record))
    _write(record, {"format": 1, "command": command})
    with pytest.raises(LaunchRecordError):
        read_launch_command(str(record))


@pytest.mark.parametrize("loose", ["program", "folder"])
def test_a_program_that_others_can_change(record: Path, program: Path, loose: str) -> None:
    _write(record, {"format": 1, "command": [str(program)]})
    assert read_launch_command(str(record)) == [str(program)]
    (program if loose == "program" else program.parent).chmod(0o777)
    with pytest.raises(LaunchRecordError, match="could change"):
        read_launch_command(str(record))


def test_where_it_is(tmp_path: Path) -> None:
    home = os.path.expanduser("~")
    assert state_folder({"ACCOUNT_MANAGER_HOME": "/h"}) == "/h/state"
    assert state_folder({"XDG_STATE_HOME": "/s"}) == "/s/account-manager"
    assert state_folder({"XDG_STATE_HOME": "s"}) == f"{home}/.local/state/account-manager"
    assert launch_record({"ACCOUNT_MANAGER_HOME": "/h"}) == "/h/state/launch.json"
