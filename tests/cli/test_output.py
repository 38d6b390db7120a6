"""What a terminal and a pipe get to see."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from manager.cli.output import shown


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("Ada Löv", "Ada Löv"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\r\nb\tc", "abc"),
        ("a\u202eb\u200bc\u2028d", "abcd"),
        ("a\x9bb\ud800c", "abc"),
        (7, "7"),
    ],
)
def test_control_and_direction_characters_are_left_out(given: object, seen: str) -> None:
    assert shown(given) == seen


def on_terminal(**environment: str) -> str:
    """The output of `accounts` on a terminal of its own."""
    ours, terminal = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "manager", "accounts"],
            stdout=terminal,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **environment},
            timeout=60,
            check=True,
        )
        return os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(terminal)


def test_a_terminal_gets_a_drawn_table_and_no_markup_of_a_servers(
    serve: Callable, wire: object
) -> None:
    accounts = {"accounts": [wire.account(1, identity="[red]ada[/red]@id.example")]}
    status = {"consent": "allow"}
    serve(
        lambda peer, request: peer.result(
            request, accounts if request["method"] == "accounts.list" else status
        ),
        name="control.sock",
    )
    drawn = on_terminal()
    assert "─" in drawn
    assert "[red]ada[/red]@id.example" in drawn
    assert not any(f"\x1b[{colour}" in on_terminal(NO_COLOR="1") for colour in ("3", "9", "4"))
