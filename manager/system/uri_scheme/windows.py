"""Schemes on Windows: the registry values of a per-user URL protocol. Not run yet on that system.

Source: Microsoft, "Registering an Application to a URI Scheme".
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


class RegistryValue(NamedTuple):
    """A text value below HKEY_CURRENT_USER; `name` is empty for a key's default value."""

    key: str
    name: str
    text: str


def protocol_values(command: Sequence[str], scheme: str) -> list[RegistryValue]:
    """What makes `command ... handle-uri -- URI` open `scheme`. Raises ValueError for a scheme that
    is none, or a path that the shell would not take as it is."""
    if not _SCHEME.fullmatch(scheme):
        raise ValueError("not a URI scheme")
    if any('"' in part or "%" in part or not part.isprintable() for part in command):
        raise ValueError("Windows cannot start this program for a scheme")
    key = f"Software\\Classes\\{scheme}"
    line = subprocess.list2cmdline([*command, "handle-uri", "--"])
    return [
        RegistryValue(key, "", "URL:Account Manager"),
        RegistryValue(key, "URL Protocol", ""),
        # %1 is put in as text: the quotes keep a space in the URI from making an argument, and the
        # relay refuses a URI with a quote in it, for it is then no longer one argument.
        RegistryValue(key + "\\shell\\open\\command", "", f'{line} "%1"'),
    ]
