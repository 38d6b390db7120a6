"""`account-manager demo`: the whole job against two practice servers on this machine.

With a display the window opens on them; without one, or with `--headless`, the same is told in the
terminal. Accounts, settings and sockets are the demo's own, in a folder that goes with it.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from manager.cli.exit_status import status_of
from manager.client.errors import AccountManagerError

from .narration import NotAsExpected, complain
from .stage import Stage, StageError
from .story import tell
from .window import WindowUnavailable, has_display, show

_DESCRIPTION = """\
Try Account Manager on two practice servers of this machine. Your own accounts are not touched.
With a display the window opens; without one the same is done in the terminal."""


class _Interrupted(BaseException):
    """A signal asks the demo to end; like KeyboardInterrupt nobody catches it on the way."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def main(arguments: list[str]) -> int:
    """`arguments`: "demo" and its options. Returns 0 when all of it worked, 130 for Ctrl-C, 143
    for SIGTERM, otherwise what `account-manager --help` says."""
    parser = argparse.ArgumentParser(prog="account-manager demo", description=_DESCRIPTION)
    parser.add_argument("--headless", action="store_true", help="in the terminal, as a story")
    try:
        options = parser.parse_args(arguments[1:])
    except SystemExit as ended:  # argparse says 2 for what this program's table calls 64
        return 64 if ended.code else 0
    try:
        with _signals(), Stage() as stage:
            _perform(stage, headless=options.headless)
    except _Interrupted as interrupted:
        print("\nThe demo was ended; it leaves nothing behind.", file=sys.stderr)
        return interrupted.status
    except AccountManagerError as error:
        complain(error.message, error.hint)
        return status_of(error.kind)
    except (StageError, NotAsExpected) as failure:
        complain(str(failure), failure.hint)
        return failure.status
    return 0


def _perform(stage: Stage, *, headless: bool) -> None:
    if not headless and has_display():
        try:
            show(stage)
            return
        except WindowUnavailable as missing:
            complain(f"{missing} The demo goes on in the terminal.", missing.hint)
    tell(stage)


@contextmanager
def _signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the demo; a second one does not hurry it, for what
    it started must be ended and its keychain items removed."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        del frame
        for each in caught:
            signal.signal(each, signal.SIG_IGN)
        raise _Interrupted(number)

    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, interrupt) for each in caught}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
