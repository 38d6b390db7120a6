"""Qt's own tray icon shows in the tray host, and hears what a person does there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_parts.display import Display
from tests.real_parts.notification_host import NotificationHost
from tests.real_parts.tray_host import TrayHost
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real

PROGRAM = Path(__file__).with_name("tray_program.py")


@pytest.fixture
def program(display: Display) -> subprocess.Popen[bytes]:
    """Asked for last: what it needs must stand before it starts."""
    started = display.session.start([sys.executable, PROGRAM], stdout=subprocess.PIPE)
    assert says(started) == "shown True", display.session.log("python").read_text()
    return started


def says(program: subprocess.Popen[bytes]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().decode().strip()


def test_an_icon_its_menu_and_a_click(
    tray_host: TrayHost, display: Display, program: subprocess.Popen[bytes]
) -> None:
    item = tray_host.wait_for_item()
    properties = item.properties()
    assert properties["Status"] == "Active"
    assert properties["IconPixmap"] or properties["IconName"]
    assert item.labels() == ["Ada", "Grace", "Notify", "Quit"]
    assert [entry.checked for entry in item.menu().entries[:2]] == [True, False]

    item.activate()
    assert says(program) == "activated Trigger"
    item.click("Grace")
    assert says(program) == "chosen Grace"
    until(lambda: item.menu().entries[1].checked, "mark at the one that was chosen")
    with pytest.raises(LookupError, match="Nobody"):
        item.click("Nobody")
    item.click("Quit")
    assert program.wait(5) == 0


def test_a_notification_and_its_click(
    tray_host: TrayHost,
    notification_host: NotificationHost,
    display: Display,
    program: subprocess.Popen[bytes],
) -> None:
    tray_host.wait_for_item().click("Notify")
    notification = notification_host.wait_for("Hello")
    assert notification.body == "From the tray"
    notification_host.invoke(notification)
    assert says(program) == "message clicked"


def test_a_tray_of_the_older_kind(display: Display) -> None:
    """Without a host on the bus Qt docks a window (XEmbed), which takes real clicks."""
    display.session.start(
        ["trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "32"]
    )
    until(lambda: has_tray(display), "tray")
    program = display.session.start([sys.executable, PROGRAM], stdout=subprocess.PIPE)
    assert says(program) == "shown True"
    panel = display.wait_for_window("^panel$")  # an empty one may stay hidden
    until(lambda: width(display, panel) > 20, "icon in the panel")
    display.xdotool("mousemove", "--window", panel, "12", "16", "click", "1")
    assert says(program) == "activated Trigger"


def has_tray(display: Display) -> bool:
    tree = display.session.run(["xwininfo", "-root", "-tree"]).stdout
    return b'"panel": ("panel" "trayer")' in tree


def width(display: Display, window: str) -> int:
    said = display.xdotool("getwindowgeometry", "--shell", window).split()
    return int(next(line for line in said if line.startswith("WIDTH=")).removeprefix("WIDTH="))
