"""register and unregister, on the real xdg tools in folders of the test's own."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("xdg-mime") is None, reason="needs xdg-utils")
OTHER = """\
[Desktop Entry]
Type=Application
Name=Speckle Manager
Exec=/bin/true %u
MimeType=x-scheme-handler/speckle;
"""


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders; another program opens speckle: there."""
    for name, folder in (("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config")):
        (home / folder).mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    applications = home / "data" / "applications"
    applications.mkdir()
    (applications / "speckle-manager.desktop").write_text(OTHER)
    subprocess.run(
        ["xdg-mime", "default", "speckle-manager.desktop", "x-scheme-handler/speckle"], check=True
    )
    return home


def owners(done: subprocess.CompletedProcess[str]) -> dict[str, bool]:
    return {each["scheme"]: each["ours"] for each in json.loads(done.stdout)["schemes"]}


def test_a_taken_scheme_is_not_taken_unasked(desk: Path, run: Callable) -> None:
    done = run("register", "--json")
    assert done.returncode == 77
    assert owners(done) == {"io.github.account-manager": True, "speckle": False}


def test_take_over_and_give_back(desk: Path, run: Callable) -> None:
    done = run("register", "--take-over", "--json")
    assert done.returncode == 0
    assert owners(done) == {"io.github.account-manager": True, "speckle": True}
    done = run("unregister")
    assert "speckle: is opened by Speckle Manager." in done.stdout
    assert "io.github.account-manager: is opened by nobody." in done.stdout


@pytest.mark.parametrize(("answer", "ours"), [(b"y\n", True), (b"\n", False)])
def test_on_a_terminal_the_person_is_asked(
    desk: Path, run: Callable, answer: bytes, *, ours: bool
) -> None:
    person, terminal = pty.openpty()
    os.write(person, answer)
    done = subprocess.run(
        [sys.executable, "-m", "manager", "register"],
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(person)
    os.close(terminal)
    assert done.returncode == 0
    assert "is opened by Speckle Manager now" in done.stdout
    assert (
        f"speckle: is opened by {'Account Manager' if ours else 'Speckle Manager'}." in done.stdout
    )
