"""A question before something that cannot be taken back."""

from __future__ import annotations

import sys

from manager.client.errors import InvalidRequest

from .terminal_input import on_terminal, typed_line


def confirmed(question: str, yes: bool) -> bool:
    """Whether the person agrees; no answer is no. Raises InvalidRequest where nobody can be asked
    and `--yes` was not given."""
    if yes:
        return True
    if not on_terminal():
        raise InvalidRequest("Nobody can be asked here.", hint="Add --yes to go on.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return typed_line("").strip().casefold() in ("y", "yes")
