"""The QR code in the terminal, read back module by module."""

from __future__ import annotations

import io
import re

import pytest
import segno

from manager.cli import terminal_qr
from manager.cli.terminal_qr import drawn, shown_here, speaks_blocks

LINK = "https://id.example/device?user_code=WDJB-MJHT"
_BACK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def modules(lines: list[str]) -> list[list[int]]:
    """What a camera would see: dark is 1."""
    rows: list[list[int]] = []
    for line in lines:
        (cells,) = re.findall(r"\x1b\[30;47m(.*)\x1b\[0m", line)
        halves = [_BACK[cell] for cell in cells]
        rows += [[above for above, _ in halves], [below for _, below in halves]]
    return rows


def test_every_module_is_there_with_a_quiet_zone() -> None:
    expected = [list(map(int, row)) for row in segno.make(LINK, error="l").matrix]
    found = modules(drawn(LINK, 200))
    inner = [row[2:-2] for row in found[2 : 2 + len(expected)]]
    assert inner == expected
    assert not any(map(any, [*found[:2], *found[2 + len(expected) :]]))
    assert not any(row[0] or row[1] or row[-1] or row[-2] for row in found)


def test_none_where_it_does_not_fit() -> None:
    width = len(modules(drawn(LINK, 200))[0]) + 4
    assert drawn(LINK, width)
    assert drawn(LINK, width - 1) == []


@pytest.mark.parametrize(
    ("encoding", "environ", "speaks"),
    [
        ("utf-8", {"TERM": "xterm"}, True),
        ("UTF8", {"TERM": "linux"}, True),
        ("latin-1", {"TERM": "xterm"}, False),
        ("ascii", {"TERM": "xterm"}, False),
        (None, {"TERM": "xterm"}, False),
        ("utf-8", {"TERM": "dumb"}, False),
        ("utf-8", {}, False),
    ],
)
def test_which_terminals_show_half_blocks(encoding, environ, speaks) -> None:
    assert speaks_blocks(encoding, environ) is speaks


def test_none_into_a_pipe_or_a_file() -> None:
    assert shown_here(LINK, io.StringIO()) == []


def test_none_without_segno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(terminal_qr.sys.modules, "segno", None)
    assert drawn(LINK, 200) == []
