"""A program at a terminal of its own, and a person who reads and types there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

PATIENCE = 30.0


class Terminal:
    """`shown`: everything that appeared so far; what is typed shows only where the program lets
    it. `columns`: how wide it is."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 100,
        rows: int = 60,
    ) -> None:
        self.shown = ""
        self.status: int | None = None
        self._looked_at = 0
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execve(command[0], list(command), dict(environment))
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)  # hangs it up
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)

    def sees(self, text: str) -> str:
        """Wait until `text` appears after what was seen last; what stands between."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.shown.find(text, self._looked_at)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"never saw {text!r} in {self.shown!r}")
        between = self.shown[self._looked_at : found]
        self._looked_at = found + len(text)
        return between

    def types(self, line: str) -> None:
        os.write(self._descriptor, line.encode() + b"\n")

    def presses(self, key: bytes) -> None:
        os.write(self._descriptor, key)

    def ends(self) -> int:
        """Read to the end; the exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], deadline - time.monotonic())
        if not ready:
            raise AssertionError(f"the program hangs; it showed {self.shown!r}")
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
