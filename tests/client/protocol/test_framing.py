"""Lines come out whole, however the stream is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.client.protocol.framing import LineSplitter, LineTooLong

STREAM = b'{"id":1}\n\n{"id":"\xc3\xa9"}\nrest'


@pytest.mark.parametrize("cut", range(len(STREAM) + 1))
def test_a_stream_cut_at_any_byte(cut: int) -> None:
    splitter = LineSplitter()
    lines = splitter.feed(STREAM[:cut]) + splitter.feed(STREAM[cut:])
    assert lines == STREAM.split(b"\n")[:-1]
    assert splitter.partial == len(b"rest")


@given(st.lists(st.binary(max_size=20)))
def test_pieces_make_the_same_lines_as_the_whole(pieces: list[bytes]) -> None:
    splitter = LineSplitter()
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    *whole, rest = b"".join(pieces).split(b"\n")
    assert lines == whole
    assert splitter.partial == len(rest)


@pytest.mark.parametrize("pieces", [[b"12345\n"], [b"12345"], [b"123", b"45"], [b"", b"1\n23456"]])
def test_a_line_over_the_limit_is_refused_with_or_without_its_end(pieces: list[bytes]) -> None:
    splitter = LineSplitter(limit=4)
    for piece in pieces[:-1]:
        splitter.feed(piece)
    with pytest.raises(LineTooLong):
        splitter.feed(pieces[-1])


def test_a_line_at_the_limit_is_taken() -> None:
    splitter = LineSplitter(limit=4)
    assert splitter.feed(b"12") == []
    assert splitter.feed(b"34\n") == [b"1234"]
