"""How this very program is started by machines: always `-I`, always an absolute path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from manager.client.protocol.launch_record import LaunchRecordError, write_launch_command
from manager.core.errors import StorageUnavailable

_RECORD = "launch.json"


def launch_line() -> list[str]:
    """The command that a role is appended to: `PYTHON -I -m manager`, or the frozen program."""
    executable = os.path.abspath(sys.executable)
    if getattr(sys, "frozen", False):
        return [executable]
    return [executable, "-I", "-m", "manager"]


def remember_launch_line(state: Path) -> None:
    """Record the launch line for the client's auto-start; `state` is the private state folder.

    Raises StorageUnavailable when it cannot be written or would not be trusted.
    """
    try:
        write_launch_command(launch_line(), str(state / _RECORD))
    except LaunchRecordError as error:
        raise StorageUnavailable(
            str(error), hint="Install Account Manager where only you or root can write."
        ) from None
    except OSError as error:
        raise StorageUnavailable(
            f"The launch record cannot be written: {error.strerror}."
        ) from None
