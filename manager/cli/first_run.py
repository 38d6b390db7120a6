"""Remember where this program is, so that it can start its agent by itself."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from manager.client.protocol.launch_record import (
    LaunchRecordError,
    launch_record,
    read_launch_command,
)


def remembered() -> bool:
    """Write the launch record where there is none that can be used. Whether one was written.

    An installation without the agent's parts is not worth remembering. Raises nothing: the error
    that asked for this says what to do.
    """
    path = launch_record()
    try:
        read_launch_command(path)
    except LaunchRecordError:
        if find_spec("msgspec") is None or find_spec("platformdirs") is None:
            return False
    else:
        return False
    from manager.system.launch_line import remember_launch_line  # noqa: PLC0415
    from manager.system.paths import private_folder  # noqa: PLC0415

    try:
        remember_launch_line(private_folder(Path(path).parent))
    except Exception:  # noqa: BLE001  # whatever the disk says, the first error is the better one
        return False
    return True
