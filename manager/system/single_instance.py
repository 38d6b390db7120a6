"""One agent per user: a lock, and sockets that nobody else answers on."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from manager.core.errors import PersonCanAct

_PROBE = 2.0
"""Seconds in which a living agent accepts a connection, however busy it is."""
_BACKLOG = 128


class AlreadyRunning(PersonCanAct):
    """Another agent of this user holds the lock, or answers on the socket."""

    default_hint = "Use the one that runs; `account-manager status` shows it."


class SocketPlaceTaken(PersonCanAct):
    """Something else than a socket of ours stands where the socket belongs."""

    default_hint = "Move it away, then start again."


class SingleInstance:
    """Holds the lock while it is entered; `folder` is the private `run` folder.

    Entering raises AlreadyRunning, at once. The kernel frees the lock however the process ends, so
    its file stays and means nothing by itself.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "agent.lock", mode=0o600)

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyRunning("Account Manager's agent is already running.") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def listen(self, path: str) -> socket.socket:
        """A listening socket at `path`, mode 0600, non-blocking; what a killed agent left there is
        taken away first. Only while the lock is held.

        Raises AlreadyRunning when somebody answers there all the same (a lock lost with a removed
        folder), SocketPlaceTaken, OSError.
        """
        if not self._lock.is_locked:
            raise RuntimeError("the lock is not held")
        _make_room(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        before = os.umask(0o177)
        try:
            listener.bind(path)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
        finally:
            os.umask(before)
        return listener


def socket_identity(path: str) -> tuple[int, int]:
    """Which file stands at `path` (device, inode). Raises OSError."""
    found = os.lstat(path)
    return found.st_dev, found.st_ino


def remove_socket(path: str, identity: tuple[int, int]) -> None:
    """Unlink `path` at the end, if it is still the file that was bound there."""
    try:
        if socket_identity(path) == identity:
            os.unlink(path)
    except FileNotFoundError:
        pass


def _make_room(path: str) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise SocketPlaceTaken(f"This is not a socket of Account Manager: {path}")
    if _somebody_answers(path):
        raise AlreadyRunning(f"Another agent already answers at {path}")
    os.unlink(path)


def _somebody_answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PROBE)
        try:
            probe.connect(path)
        except OSError as error:
            # A full queue or a slow answer is a living process; only "refused" is a dead one.
            return error.errno not in (errno.ECONNREFUSED, errno.ENOENT)
        return True
