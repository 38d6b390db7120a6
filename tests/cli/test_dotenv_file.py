"""Our reader of `.env` files says what python-dotenv says, and nothing of a file's content."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from dotenv.parser import parse_stream
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manager.cli.dotenv_file import LARGEST, DotenvFile, parsed, read
from manager.client.errors import InvalidRequest

PIECES = st.sampled_from(
    ["A", "B_1", "=", " = ", "'", '"', "\\", "\\'", '\\"', "\\n", "#", " # x", "\n", "\r\n", "\r",
     "export ", "export", " ", "\t", "value", "ü", "`id`", "$(id)", "$A", "''", '""', "'k'", ":"]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("A='x\ny'\nB=1")
@example("export A=1 # comment\n#B=2\nC")
@example("A=a#b\nB=\nC='' # x\n'D'=1\n= 1\nE= 'x' y\n")
def test_it_reads_what_python_dotenv_reads(text: str) -> None:
    theirs: dict[str, str] = {}
    unreadable = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        if binding.error:
            unreadable.append(binding.original.line)
        elif binding.key is not None:
            theirs.pop(binding.key, None)
            if binding.value is not None:
                theirs[binding.key] = binding.value
    ours = parsed(text)
    assert ours.variables == theirs
    assert len(ours.unreadable) == len(unreadable)


def test_a_line_that_cannot_be_read_is_known_by_its_number_alone() -> None:
    file = parsed('A=1\n\n"canary canary"\nB=2\n= canary\n')
    assert file == DotenvFile({"A": "1", "B": "2"}, [3, 5])
    assert "canary" not in repr(file)


def test_nothing_is_looked_up() -> None:
    file = parsed("A=$HOME\nB=${HOME}\nC=`id`\nD='${X}'\nB=2\n")
    assert file.variables == {"A": "$HOME", "C": "`id`", "B": "2"}
    assert file.referring == ["D"]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("﻿A=1\r\nB='ü'\r\n".encode())
    assert read(str(path)).variables == {"A": "1", "B": "ü"}
    path.write_bytes(b"A=canary\xff")
    with pytest.raises(InvalidRequest, match="no text file") as refused:
        read(str(path))
    assert "canary" not in str(refused.value)
    path.write_bytes(b"A=1\n" * LARGEST)
    with pytest.raises(InvalidRequest, match="larger than 256 KiB"):
        read(str(path))
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(InvalidRequest, match="cannot be read"):
            read(str(missing))
