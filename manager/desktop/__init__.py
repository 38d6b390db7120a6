"""Composition root of the window and the tray: a client of the agent; holds no token and no key."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def main(arguments: list[str], *, practising: bool = False) -> int:
    """Open the window; `arguments` are none. Returns the exit status.

    `practising`: begin with the sign-in sheet, and let closing the window end the program also
    where there is a tray.
    """
    del arguments
    if not _has_display(os.environ):
        print(
            "There is no display here, so no window can be opened.\n"
            "Use the command line instead: account-manager --help",
            file=sys.stderr,
        )
        return 69
    try:
        from .app import run  # noqa: PLC0415  # presenters are imported without Qt
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("manager"):
            raise
        print(
            "The window is not installed here. Install account-manager[desktop].", file=sys.stderr
        )
        return 69
    return run(practising=practising)


def _has_display(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether Qt would find one: without, it ends the process instead of raising an error."""
    if platform in ("win32", "darwin"):
        return True
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(environ.get(name) for name in named)
