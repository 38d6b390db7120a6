"""The command line. The hot commands load neither argparse nor rich."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status (see exit_status)."""
    from .hot_path import plain  # noqa: PLC0415  # everything here is imported by need

    try:
        run = plain(arguments)
        if run is None:
            from .parser import parsed  # noqa: PLC0415

            run = parsed(arguments)
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader had enough; say nothing when Python flushes once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status
