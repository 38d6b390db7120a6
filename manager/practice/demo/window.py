"""The demo with a display: the window, on the demo's own accounts, until it is closed."""

from __future__ import annotations

import os
import sys

from .narration import say, tell_that
from .stage import OFFICE, SPECKLE, Stage

_NOT_INSTALLED = 69
_PROCESS = "manager.practice.demo.window"


class WindowUnavailable(Exception):
    """The window did not open; the sentence says as much as is known."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint


def has_display() -> bool:
    """Does the environment name one? Whether it answers is seen when the window opens."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def show(stage: Stage) -> None:
    """Open the window and wait until it is closed. Raises WindowUnavailable."""
    say("The window opens. Your own accounts are not touched, and none is shown.")
    tell_that(
        f"Choose {OFFICE} or {SPECKLE} in it. Your browser opens: sign in there as alice or as "
        "bob, with any password."
    )
    tell_that("Closing the window ends the demo and signs its accounts out. So does Ctrl-C here.")
    window = stage.start(module=_PROCESS)
    status = window.wait()
    if status == _NOT_INSTALLED:
        raise WindowUnavailable(
            "The window is not installed here.", "Install account-manager[desktop]."
        )
    if status:
        said = stage.said(module=_PROCESS).splitlines()
        why = f" {said[-1]}" if said else ""
        raise WindowUnavailable(f"The window could not open on this display.{why}")
    say("The window was closed. The demo signs its accounts out and leaves nothing behind.")


def _run() -> int:
    """The process of the window. It is that of `account-manager`, but begins with the sign-in
    sheet, and closing it always quits."""
    from manager.desktop import main  # noqa: PLC0415  # the demo itself never loads Qt

    return main([], practising=True)


if __name__ == "__main__":
    sys.exit(_run())
