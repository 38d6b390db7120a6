"""The agents of a session. They forbid others to look into them, so that only root finds them by
their environment; anybody sees who listens at a socket.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
from pathlib import Path

from tests.real_parts.waiting import until


class Agents:
    """`control`: where the agent of the session listens while one runs."""

    def __init__(self, control: Path) -> None:
        self._control = control
        self._seen: set[int] = set()

    def look(self) -> None:
        """Remember the one that runs now, if any."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._control))
            except OSError:
                return
            credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self._seen.add(struct.unpack("3i", credentials)[0])

    def running(self) -> list[int]:
        """Those of the ones seen that have not ended."""
        self.look()
        return [process for process in self._seen if not _ended(process)]

    def end(self) -> None:
        for process in self.running():
            for number in (signal.SIGTERM, signal.SIGCONT):
                os.kill(process, number)
        until(lambda: not self.running(), "end of the agent")


def _ended(process: int) -> bool:
    try:
        state = Path("/proc", str(process), "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"
