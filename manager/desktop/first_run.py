"""What the window leaves for the next start: where this program is, so that an agent starts."""

from __future__ import annotations

import logging

from manager.system.launch_line import remember_launch_line
from manager.system.paths import folders, private_folder

_log = logging.getLogger(__name__)


def remember_program() -> None:
    """Write the launch record. Raises nothing: without it the page that no agent answers says
    what to do."""
    try:
        remember_launch_line(private_folder(folders().state))
    except Exception as error:  # noqa: BLE001  # a full disk must not keep the window from opening
        _log.warning("The launch record was not written: %s", type(error).__name__)
