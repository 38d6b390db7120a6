"""The agent's log: to the terminal that started it, and to a small file of the person's own."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

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
