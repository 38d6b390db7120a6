"""The link of a sign-in in the browser: shown, and opened where that is safe."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from .output import notice, say, shown
from .terminal_input import on_terminal


def explain(begun: Mapping[str, object], name: str) -> None:
    say(f"To sign in to {name}, open this address in your browser:")
    say(f"  {shown(begun.get('authorization_url', ''))}")
    if begun.get("redirect") == "paste" or on_terminal():
        say("If the browser ends at an address that it cannot open, paste that address here.")
    say("Waiting for the browser. Ctrl-C cancels.")
    sys.stdout.flush()


def open_link(url: str) -> None:
    """Through the system's own check: a server must not make a command or a file of it."""
    from manager.system.browser import NotOpened, open_in_browser  # noqa: PLC0415

    try:
        outcome = open_in_browser(url)
    except Exception:  # noqa: BLE001  # its errors are the agent's, which no front door imports
        notice("The server's address is not one that a browser may open. Do not open it yourself.")
        return
    if isinstance(outcome, NotOpened):
        notice(f"{outcome.message} {outcome.hint}")
