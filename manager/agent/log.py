"""The agent's log: to the terminal that started it, and to a small file of the person's own."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)
_LARGEST = 512 * 1024


def start_log(state: Path, *, verbose: bool) -> None:
    """Log to stderr and to `agent.log` in the state folder (mode 0600 by the process's umask).

    Records never hold a secret: modules log what happened by type, not what was sent. A log file
    that cannot be written is left out; the agent goes on.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    try:
        handlers.append(
            RotatingFileHandler(
                state / "agent.log", maxBytes=_LARGEST, backupCount=1, encoding="utf-8"
            )
        )
    except OSError:
        print("The log file cannot be written; logging to the terminal only.", file=sys.stderr)
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers,
        force=True,
    )
    logging.raiseExceptions = False  # a full disk must not print tracebacks for each record


def log_quietly(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The loop's exception handler: what failed, of which type and where. asyncio's own would log
    the error's text and the repr of what it worked on, which may quote what a peer or server sent.
    """
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno is not None:
        # Such as EMFILE: once a second for as long as it lasts; the place says nothing more.
        _log.warning("the system refused: %s", os.strerror(error.errno))
        return
    frames = traceback.extract_tb(error.__traceback__) if error is not None else ()
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    _log.error("a task of the agent failed: %s%s", type(error).__name__, place)
