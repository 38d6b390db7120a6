"""Which program listens on a port? Told to the person whose sign-in cannot use it."""

from __future__ import annotations

import os
from pathlib import Path

_LISTEN = "0A"
_PROC = Path("/proc")


def port_holder(port: int) -> str | None:
    """The name of the program that listens on `port`, None when it cannot be seen (another user's,
    or not Linux)."""
    inodes: set[str] = set()
    for table in ("net/tcp", "net/tcp6"):
        try:
            inodes |= listening_inodes((_PROC / table).read_text(encoding="ascii"), port)
        except OSError:
            continue
    return _owner(inodes) if inodes else None


def listening_inodes(table: str, port: int) -> set[str]:
    """The socket inodes that listen on `port` in the text of /proc/net/tcp or tcp6 (proc(5))."""
    found = set()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == _LISTEN and fields[1].endswith(f":{port:04X}"):
            found.add(fields[9])
    return found


def _owner(inodes: set[str]) -> str | None:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in _PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            with os.scandir(process / "fd") as descriptors:
                held = any(os.readlink(entry.path) in wanted for entry in descriptors)
            if held:
                name = (process / "comm").read_text(encoding="utf-8", errors="replace")
                return "".join(c for c in name if c.isprintable()) or None
        except OSError:  # another user's, or gone meanwhile
            continue
    return None
