"""Where variables come from: this process's environment, or a `.env` file."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .dotenv_file import read
from .output import notice, shown


def own_variables(
    known: Collection[str], path: str | None, environ: Mapping[str, str]
) -> dict[str, str]:
    """Those of `known` names alone, from the file at `path` or else from `environ`; nothing else
    leaves this process. What a file has that cannot be read is told by number or name, never by
    content. Raises InvalidRequest."""
    if path is None:
        return {name: value for name, value in environ.items() if name in known and value}
    file = read(path)
    for number in file.unreadable:
        notice(f"{shown(path)}, line {number} cannot be read: it is no NAME=value.")
    for name in file.referring:
        if name in known:
            notice(f"{shown(path)}: {name} refers to another variable, which is not looked up.")
    return {name: value for name, value in file.variables.items() if name in known and value}
