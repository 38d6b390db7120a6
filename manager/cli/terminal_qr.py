"""A QR code made of half-block characters, where the terminal can show one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import TextIO

_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_BLACK_ON_WHITE, _AS_BEFORE = "\x1b[30;47m", "\x1b[0m"
_QUIET = 2
"""Light modules around it; ISO 18004 asks for 4, readers of screens take 2."""
_MARGIN = 2


def shown_here(text: str, stream: TextIO | None = None) -> list[str]:
    """The lines to print on `stream`; none where it is no terminal, is too narrow, cannot show
    half blocks, or segno is not installed (the smallest size has no dependencies)."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty() or not speaks_blocks(stream.encoding, os.environ):
        return []
    return drawn(text, get_terminal_size().columns)


def speaks_blocks(encoding: str | None, environ: Mapping[str, str]) -> bool:
    plain = environ.get("TERM", "") in {"", "dumb"}
    return not plain and (encoding or "").casefold().replace("-", "") == "utf8"


def drawn(text: str, columns: int) -> list[str]:
    """Lines with their colours, dark on light whatever the terminal's own are: many readers refuse
    an inverted code. None when it does not fit `columns`."""
    try:
        import segno  # noqa: PLC0415  # only a terminal pays for it
    except ModuleNotFoundError:
        return []
    rows = [
        list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(border=_QUIET)
    ]
    if len(rows[0]) + 2 * _MARGIN > columns:
        return []
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        " " * _MARGIN + _BLACK_ON_WHITE + _line(above, below) + _AS_BEFORE
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]


def _line(above: list[int], below: list[int]) -> str:
    return "".join(
        _HALVES[bool(top), bool(bottom)] for top, bottom in zip(above, below, strict=True)
    )
