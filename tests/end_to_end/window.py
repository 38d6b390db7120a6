"""The real window, used by keyboard and mouse and read as a screen reader reads it."""

from __future__ import annotations

import subprocess
import sys

from tests.real_parts.accessibility import ScreenReader
from tests.real_parts.display import Display
from tests.real_parts.waiting import until

PROGRAM = "Account Manager"
TITLE = f"^{PROGRAM}$"


class Window:
    """Open once it is made. `display` is the person's screen, `reader` what they hear of it."""

    def __init__(self, display: Display, reader: ScreenReader) -> None:
        self._display = display
        self._reader = reader
        self.process = self.launch()
        self.number = display.wait_for_window(TITLE)
        self.wait_for("Sign in")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the program, as from a menu of programs."""
        return self._display.session.start([sys.executable, "-I", "-m", "manager"])

    def close(self) -> None:
        """As a logout does it; nothing where it has ended already."""
        self.process.terminate()
        self.process.wait(10)

    @property
    def visible(self) -> bool:
        return bool(self._display.windows(TITLE))

    @property
    def in_front(self) -> bool:
        return self.visible and self._display.xdotool("getactivewindow") == self.number

    def minimise(self) -> None:
        self._display.xdotool("windowminimize", "--sync", self.number)
        until(lambda: not self.visible, "window that is out of the way")

    def shows(self, words: str) -> bool:
        """Whether these words are to be read in it now."""
        return any(words in element.name for element in self._reader.elements(PROGRAM))

    def wait_for(self, words: str, seconds: float = 20.0) -> str:
        return self._reader.wait_for(PROGRAM, words, seconds).name

    def wait_until_gone(self, words: str) -> None:
        until(lambda: not self.shows(words), f"window without {words!r}")

    def key(self, keys: str) -> None:
        self._to_front()
        self._display.xdotool("key", keys)

    def click(self, name: str) -> None:
        """Click what has this name with the mouse."""
        self._to_front()
        x, y = self._still(name)
        self._display.xdotool("mousemove", str(x), str(y), "click", "1")

    def type(self, field: str, text: str) -> None:
        """Click into a field and type."""
        self.click(field)
        self._display.xdotool("key", "ctrl+a", "type", "--delay", "4", text)

    def begin_sign_in(self, address: str, client_id: str = "") -> None:
        """Open the sheet by the keyboard, type, and go on to the browser."""
        self.key("ctrl+n")
        self.type("Server address", address)
        if client_id:
            self.type("Client id", client_id)
        self.click("Continue in the browser")

    def _to_front(self) -> None:
        self._display.xdotool("windowactivate", "--sync", self.number)

    def _still(self, name: str) -> tuple[int, int]:
        """Where it is, once it does not move any more: pages lay themselves out in steps."""
        before: list[tuple[int, int]] = []

        def at_rest() -> tuple[int, int] | None:
            element = self._reader.wait_for_usable(PROGRAM, name)
            before.append(self._reader.centre(element))
            return before[-1] if before[-1:] == before[-2:-1] else None

        place = until(at_rest, f"{name!r} at rest")
        assert place is not None
        return place
