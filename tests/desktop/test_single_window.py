"""One window per user; the second launch raises the first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from manager.desktop.single_window import SingleWindow


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


def test_a_second_launch_raises_the_first_window_and_ends(qtbot: QtBot, folder: Path) -> None:
    first, second = SingleWindow(folder), SingleWindow(folder)
    assert first.claim()
    with qtbot.waitSignal(first.raised, timeout=5000):
        assert not second.claim()
    first.release()
    assert second.claim()
    second.release()


def test_only_the_person_reaches_the_socket(qtbot: QtBot, folder: Path) -> None:
    single = SingleWindow(folder)
    assert single.claim()
    mode = os.stat(folder / "desktop.sock").st_mode
    assert stat.S_IMODE(mode) & 0o077 == 0
    single.release()
    assert not (folder / "desktop.sock").exists()


def test_what_a_killed_window_left_is_no_obstacle(qtbot: QtBot, folder: Path) -> None:
    (folder / "desktop.sock").touch()
    (folder / "desktop.lock").touch()
    single = SingleWindow(folder)
    assert single.claim()
    single.release()
