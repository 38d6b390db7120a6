"""The peer of a Unix socket on Linux (unix(7), SO_PEERCRED; SO_PEERPIDFD since kernel 6.5)."""

from __future__ import annotations

import os
import select
import socket
import struct
from dataclasses import dataclass, replace

from manager.core.connector import Connector

_SO_PEERPIDFD = getattr(socket, "SO_PEERPIDFD", 77)  # Python names it from 3.14
_UCRED = struct.Struct("iII")  # struct ucred {pid_t pid; uid_t uid; gid_t gid}


@dataclass(frozen=True, slots=True)
class Peer:
    """Who connected, at the moment of connecting. `executable` is a hint and never proof: None
    when it cannot be seen (another user, another container, already gone)."""

    pid: int | None
    uid: int
    gid: int
    executable: str | None = None

    def describe(self, connector: Connector) -> Connector:
        """What the program says of itself, with what the system says of it."""
        return replace(connector, pid=self.pid, uid=self.uid, executable=self.executable)


def peer_credentials(connection: socket.socket) -> tuple[int | None, int]:
    """The peer's process and user, in one call to the kernel: what every new connection pays.

    The process is None where it lives in a namespace that we cannot see. Raises OSError.
    """
    pid, uid, _ = _UCRED.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    )
    return (pid if pid > 0 else None), uid


def identify_peer(connection: socket.socket) -> Peer:
    """The peer of a connected Unix socket. Raises OSError when the kernel does not say.

    The path is read from /proc by number; between connecting and reading, the number could have
    gone to another process, so where the kernel offers a handle on the very process (pidfd), the
    path counts only while that process lives. Without one, the uid still holds and the path is a
    weaker hint.
    """
    pid, uid, gid = _UCRED.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    )
    if pid <= 0:  # the peer lives in a process namespace that we cannot see
        return Peer(pid=None, uid=uid, gid=gid)
    handle = _peer_pidfd(connection)
    try:
        executable = _executable(pid)
        if handle is not None and not _alive(handle):
            executable = None
    finally:
        if handle is not None:
            os.close(handle)
    return Peer(pid=pid, uid=uid, gid=gid, executable=executable)


def _peer_pidfd(connection: socket.socket) -> int | None:
    try:
        return connection.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError:  # ENOPROTOOPT before 6.5, ESRCH when the peer is gone, EINVAL in a sandbox
        return None


def _alive(handle: int) -> bool:
    # A pidfd becomes readable when its process ends (pidfd_open(2)).

    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return not poll.poll(0)


def _executable(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None
