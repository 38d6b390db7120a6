"""Some disk space kept aside, so that a rotated credential can be stored on a full disk.

A server that has rotated a refresh token takes no other; a disk that fills up between question and
answer must not lose it.
"""

from __future__ import annotations

import os
from pathlib import Path

SIZE = 256 * 1024


class DiskReserve:
    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self) -> None:
        """Have the reserve on the disk. Raises OSError when there is no room for it."""
        try:
            if self._path.stat().st_size >= SIZE:
                return
        except FileNotFoundError:
            pass
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(os.urandom(SIZE))  # nothing that a file system could compress away
                file.flush()
                os.fsync(descriptor)
        except OSError:
            self.give_up()
            raise

    def give_up(self) -> bool:
        """Free the space; whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
