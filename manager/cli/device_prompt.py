"""A device code as the person sees it: address, code, QR code, and how long it is good for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from .output import say, shown
from .terminal_qr import shown_here

WARNING = "Enter only a code that you started yourself, here and now: it lets this program in."
_BOLD, _AS_BEFORE = "\x1b[1m", "\x1b[0m"


def explain(begun: Mapping[str, object], name: str) -> None:
    """The QR code holds `verification_uri_complete` where the server has one; code and address
    always stand beside it (RFC 8628 section 3.3.1), to be compared or typed."""
    address = shown(begun.get("verification_uri") or "")
    code = shown(begun.get("user_code") or "")
    complete = begun.get("verification_uri_complete")
    if sys.stdout.isatty():
        code = f"{_BOLD}{code}{_AS_BEFORE}"
    picture = _picture(complete if isinstance(complete, str) and complete else address)
    if picture:
        say(f"To sign in to {name}, scan this with a phone:\n")
        say("\n".join(picture))
        say(f"\nor open {address} in any browser. The code is:\n")
    else:
        say(f"To sign in to {name}, open {address} in any browser and enter this code:\n")
    say(f"      {code}\n")
    say(WARNING)
    left = _left(begun)
    say(f"Waiting; the code is good for {_span(left)}. Ctrl-C cancels." if left else "Waiting.")
    sys.stdout.flush()


def countdown(begun: Mapping[str, object]) -> Callable[[], None] | None:
    """Shows the time that is left, once a second; None where no terminal would show it in place."""
    if not sys.stderr.isatty():
        return None

    def tick() -> None:
        print(f"\r{_clock(_left(begun))} left ", end="", file=sys.stderr, flush=True)

    return tick


def _picture(address: str) -> list[str]:
    if not address.startswith(("https://", "http://")) or not address.isascii():
        return []
    return shown_here(address)


def _left(begun: Mapping[str, object]) -> int:
    expires_at = begun.get("expires_at")
    if not isinstance(expires_at, int):
        return 0
    return max(0, expires_at - int(datetime.now(UTC).timestamp()))


def _span(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"
