"""The recorded launch line starts this program, isolated from the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from manager.client.protocol.launch_record import read_launch_command
from manager.core.errors import StorageUnavailable
from manager.system.launch_line import launch_line, remember_launch_line


def test_what_the_client_reads_starts_the_program(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    remember_launch_line(tmp_path)
    command = read_launch_command(str(tmp_path / "launch.json"))
    (tmp_path / "sitecustomize.py").write_text("print('foreign code')")
    result = subprocess.run(
        [*command, "handle-uri"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 64
    assert "foreign" not in result.stdout


def test_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert launch_line() == [sys.executable]


def test_an_unwritable_folder() -> None:
    with pytest.raises(StorageUnavailable):
        remember_launch_line(Path("/proc"))


def test_a_program_that_nobody_would_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(StorageUnavailable) as caught:
        remember_launch_line(tmp_path)
    assert caught.value.hint
