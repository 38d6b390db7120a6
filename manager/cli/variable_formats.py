"""Environment variables as text: for a POSIX shell, as a `.env` file, as JSON."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from manager.client.errors import InvalidRequest, ProtocolError

FORMATS = ("shell", "dotenv", "json")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_.,:/@%+=-]+")


def checked(variables: Mapping[str, str]) -> Mapping[str, str]:
    """The variables, which must be ones that an environment can hold: a name is never a command.
    Raises ProtocolError."""
    for name, value in variables.items():
        if not _NAME.fullmatch(name) or not _is_text(value):
            raise ProtocolError("The agent's answer holds a variable that cannot be set.")
    return variables


def _is_text(value: str) -> bool:
    """No NUL, and no half of a surrogate pair, which JSON can carry and no environment can."""
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


def written(variables: Mapping[str, str], form: str) -> str:
    """One variable a line, ready to print. Raises InvalidRequest where `form` cannot hold one."""
    if form == "json":
        return json.dumps(dict(variables))
    line = _shell if form == "shell" else _dotenv
    return "\n".join(line(name, value) for name, value in variables.items())


def _shell(name: str, value: str) -> str:
    """For `eval "$(...)"` (POSIX 2.2.2: nothing is special between single quotes)."""
    return f"export {name}={shlex.quote(value)}"


def _dotenv(name: str, value: str) -> str:
    """As python-dotenv, docker compose and a shell read it; in single quotes only python-dotenv
    knows escapes, and it replaces `${` there too."""
    if _PLAIN.fullmatch(value) or not value:
        return f"{name}={value}"
    if "${" in value or value.endswith("\\"):
        raise InvalidRequest(
            f"{name} holds characters that readers of .env files would change.",
            hint="Take --format json or --format shell.",
        )
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"
