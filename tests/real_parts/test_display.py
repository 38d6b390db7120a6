"""The display shows windows, takes keys and keeps pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real_parts.display import Display

pytestmark = pytest.mark.real


def test_a_window_shows_takes_a_key_and_has_a_picture(display: Display, tmp_path: Path) -> None:
    shown = display.session.start(
        ["xmessage", "-title", "Greeting", "-default", "okay", "Hello"], stdout=subprocess.DEVNULL
    )
    window = display.wait_for_window("^Greeting$")
    picture = display.screenshot(tmp_path / "screen.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    display.xdotool("windowactivate", "--sync", window, "key", "Return")
    assert shown.wait(5) == 0
    assert display.windows("^Greeting$") == []


def test_two_displays_stand_side_by_side(display: Display) -> None:
    assert Display(display.session).name != display.name
