from __future__ import annotations

import os
import subprocess
import sys

import pytest

from manager.desktop import _has_display


def test_without_a_display_a_sentence_instead_of_a_crash() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    ended = subprocess.run(
        [sys.executable, "-I", "-m", "manager"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 69
    assert "account-manager --help" in ended.stderr


@pytest.mark.parametrize(
    ("environ", "platform", "has"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_what_counts_as_a_display(environ: dict[str, str], platform: str, has: bool) -> None:
    assert _has_display(environ, platform) is has
