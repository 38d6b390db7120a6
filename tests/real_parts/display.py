"""A screen nobody looks at (Xvfb), a window manager (openbox), keyboard and mouse (xdotool)."""

from __future__ import annotations

import os
from pathlib import Path

from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until

SIZE = "1280x800x24"


class Display:
    def __init__(self, session: PrivateSession) -> None:
        self.session = session
        ready, told = os.pipe()
        # It chooses a free number itself and says which.
        self.process = session.start(
            ["Xvfb", "-displayfd", str(told), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
            pass_fds=[told],
        )
        os.close(told)
        with os.fdopen(ready) as lines:
            number = lines.readline().strip()
        assert number, session.log("Xvfb").read_text()
        self.name = f":{number}"
        session.environment["DISPLAY"] = self.name
        # It runs this once it minds windows; one that opens earlier may stay hidden for good.
        managed = session.folder / f"managed-{number}"
        session.start(["openbox", "--startup", f"touch {managed}"])
        until(managed.exists, "window manager")

    def screenshot(self, path: Path) -> Path:
        """Keep the whole screen as a picture (PNG by its name)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.session.run(["import", "-window", "root", path])
        return path

    def xdotool(self, *arguments: str) -> str:
        """Run xdotool; raises CalledProcessError where it fails, such as for no window found."""
        return self.session.run(["xdotool", *arguments]).stdout.decode().strip()

    def windows(self, title: str) -> list[str]:
        """The visible windows whose title matches this regular expression."""
        found = self.session.run(
            ["sh", "-c", 'xdotool search --onlyvisible --name "$1" || true', "windows", title]
        )
        return found.stdout.decode().split()

    def wait_for_window(self, title: str, seconds: float = 15.0) -> str:
        """The window with this title, once it is visible."""
        return until(lambda: self.windows(title), f"window {title!r}", seconds)[0]
