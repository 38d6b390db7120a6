"""Whom does the client talk to? Asked before it says anything.

The folder and the socket must belong to this user and be closed to writing by others, and the
process behind the socket must run as this user (SO_PEERCRED on Linux, LOCAL_PEERCRED on macOS and
the BSDs). A socket that somebody else put in the agent's place gets not one byte.
"""

from __future__ import annotations

import os
import socket
import stat
import sys

from .errors import UntrustedSocket

_HINT = "Remove it, or point ACCOUNT_MANAGER_SOCKET at the agent's own socket."
_SOL_LOCAL = 0
_LOCAL_PEERCRED = 1
_XUCRED_VERSION = 0


def check_place(path: str) -> None:
    """Raises UntrustedSocket when the socket at `path` or its folder is not this user's alone,
    FileNotFoundError when there is none."""
    user = os.geteuid()
    folder = os.stat(os.path.dirname(path))
    if folder.st_uid != user:
        raise _foreign("The folder of the agent's socket belongs to another user")
    if folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _foreign("The folder of the agent's socket may be written by other users")
    place = os.lstat(path)
    if not stat.S_ISSOCK(place.st_mode):
        raise _foreign("What stands at the agent's place is not a socket")
    if place.st_uid != user:
        raise _foreign("The agent's socket belongs to another user")


def check_peer(connection: socket.socket) -> None:
    """Raises UntrustedSocket unless the process behind `connection` runs as this user."""
    if peer_uid(connection) != os.geteuid():
        raise _foreign("The program behind the agent's socket runs as another user")


def peer_uid(connection: socket.socket) -> int:
    """The effective user id that the peer had when it listened.

    Linux: struct ucred {pid, uid, gid}, unix(7). macOS, FreeBSD: struct xucred {version, uid, ...},
    unix(4). Raises UntrustedSocket where the system says nothing about the peer.
    """
    system: str = sys.platform  # a plain text: mypy would drop the other systems' branches
    if system.startswith("linux"):
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int.from_bytes(credentials[4:8], sys.byteorder)
    if system == "darwin" or "bsd" in system:
        credentials = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 128)
        if int.from_bytes(credentials[:4], sys.byteorder) == _XUCRED_VERSION:
            return int.from_bytes(credentials[4:8], sys.byteorder)
    raise _foreign("This system does not say who is behind the agent's socket")


def _foreign(sentence: str) -> UntrustedSocket:
    return UntrustedSocket(sentence + "; nothing was sent to it.", hint=_HINT)
