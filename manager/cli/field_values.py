"""Values for a list of fields: named on the command line, or asked for one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from manager.client.errors import InvalidRequest

from .output import notice, shown
from .terminal_input import line_of_pipe, on_terminal, typed_line, typed_secret

Field = Mapping[str, object]


def named(words: Sequence[str], fields: Sequence[Field]) -> dict[str, str]:
    """`name=value` words. A secret is refused: everybody on the machine can read an argument list.
    Raises InvalidRequest, which never holds a value."""
    known = {str(field.get("name")): field for field in fields}
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            asked = ", ".join(known) or "none"
            raise InvalidRequest("--set wants name=value.", hint=f"Names: {asked}.")
        if _is_secret(known[name]):
            raise InvalidRequest(
                f"{name} is a secret: it is not given on the command line.",
                hint="It is asked for, or read as a line of standard input.",
            )
        values[name] = value
    return values


def completed(values: Mapping[str, str], fields: Sequence[Field]) -> dict[str, str]:
    """The values with those that are still missing: asked for on a terminal; otherwise a required
    secret is the next line of the pipe, and the field's own default counts for the rest."""
    ask = _asked if on_terminal() else _piped
    return {**values, **_found(ask, [each for each in fields if each.get("name") not in values])}


def _found(ask: Callable[[Field], str], fields: Sequence[Field]) -> dict[str, str]:
    found = {str(field["name"]): ask(field) for field in fields}
    return {name: value for name, value in found.items() if value}


def _asked(field: Field) -> str:
    if hint := field.get("hint"):
        notice(f"  {shown(hint)}")
    label, default = shown(field.get("label")), str(field.get("default") or "")
    choices = field.get("choices")
    if isinstance(choices, list) and choices:
        label += f" ({', '.join(shown(each) for each in choices)})"
    if _is_secret(field):
        return typed_secret(f"{label}: ")
    if default:
        return _line(f"{label} [{shown(default)}]: ") or default
    return _line(f"{label}{'' if field.get('required') else ' (may be empty)'}: ")


def _line(prompt: str) -> str:
    """Prompts are no part of the answer, which may go into a file."""
    print(prompt, end="", file=sys.stderr, flush=True)
    return typed_line("").strip()


def _piped(field: Field) -> str:
    name, default = str(field["name"]), str(field.get("default") or "")
    if not field.get("required"):
        return "" if _is_secret(field) else default
    if _is_secret(field):
        return line_of_pipe() or ""
    if not default:
        raise InvalidRequest(f"{shown(field.get('label'))} is missing.", hint=f"--set {name}=...")
    return default


def _is_secret(field: Field) -> bool:
    return field.get("kind") == "secret"
