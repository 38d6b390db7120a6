"""Composition root of the window and the tray: a client of the agent; holds no token and no key."""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> int:
    """Open the window; `arguments` are none. Returns the exit status."""
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
    return run()
