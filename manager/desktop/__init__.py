"""Composition root of the window and the tray: a client of the agent; holds no token and no key."""

from __future__ import annotations

import sys


def main(arguments: list[str], *, practising: bool = False) -> int:
    """Open the window; `arguments` are none. Returns the exit status.

    `practising`: begin with the sign-in sheet, and let closing the window end the program also
    where there is a tray.
    """
    del arguments
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
