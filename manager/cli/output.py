"""What the command line writes: answers on stdout, errors and notices on stderr.

Text that comes from a server is shown without control and direction characters, so that a name
cannot move the cursor or turn a line around.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from unicodedata import category

from manager.client.errors import AccountManagerError

from .exit_status import status_of


def shown(text: object) -> str:
    """`text` fit for a terminal: categories Cc, Cf (bidi and zero-width), Zl and Zp left out."""
    given = str(text)
    if given.isascii() and given.isprintable():
        return given
    return "".join(each for each in given if category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def say(text: str) -> None:
    print(text)


def notice(text: str) -> None:
    """Something the person should know that is no part of the answer."""
    print(text, file=sys.stderr)


def say_json(answer: object) -> None:
    """One object a line, at once: another program may wait for it."""
    print(json.dumps(answer), flush=True)


def fail(error: AccountManagerError, *, as_json: bool) -> int:
    """Write the error and return the exit status."""
    status = status_of(error.kind)
    if as_json:
        wire: dict[str, object] = {
            "kind": error.kind,
            "message": error.message,
            "hint": error.hint,
            "exit_status": status,
        }
        if error.retry_after is not None:
            wire["retry_after"] = error.retry_after
        if error.choices:
            wire["choices"] = list(error.choices)
        print(json.dumps({"error": wire}), file=sys.stderr)
        return status
    lines = [shown(error.message), *_choices(error.choices)]
    if error.hint:
        lines.append(shown(error.hint))
    print("\n".join(lines), file=sys.stderr)
    return status


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns; drawn by rich on a terminal, where it is installed."""
    if sys.stdout.isatty() and _drawn(columns, rows):
        return
    widths = [max(map(len, each)) for each in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        say("  ".join(cells).rstrip())


def _drawn(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    try:
        from rich import box  # noqa: PLC0415  # imported late: only a terminal pays for it
        from rich.console import Console  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415
    except ModuleNotFoundError:
        return False
    drawing = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawing.add_column(column, overflow="fold")
    for row in rows:
        drawing.add_row(*(Text(cell) for cell in row))  # Text: no markup in what servers say
    Console().print(drawing)
    return True


def _choices(choices: Sequence[Mapping[str, str]]) -> list[str]:
    """One a line; with its id where another one reads the same."""
    lines = [_choice(each) for each in choices]
    return [
        f"{line} (id {shown(each.get('account', ''))})" if lines.count(line) > 1 else line
        for line, each in zip(lines, choices, strict=True)
    ]


def _choice(choice: Mapping[str, str]) -> str:
    identity, server = choice.get("identity", ""), choice.get("server", "")
    return "  " + shown(f"{identity} at {server}" if server else identity)
