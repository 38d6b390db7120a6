"""Bodies within their limit, compressed or not."""

from __future__ import annotations

import gzip
import zlib

import pytest

from manager.providers.response_body import BodyTooLarge, BodyUnreadable, ResponseBody


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
)
def test_byte_by_byte_up_to_the_limit_and_not_beyond(encoding: str, pack) -> None:
    content = bytes(range(256)) * 8
    for limit, fits in ((len(content), True), (len(content) - 1, False)):
        body = ResponseBody(limit, encoding)
        feed = [body.feed(bytes([byte])) for byte in pack(content)] if fits else None
        if feed is None:
            with pytest.raises(BodyTooLarge):
                body.feed(pack(content))
        else:
            assert body.finish() == content


def test_compressed_and_cut() -> None:
    body = ResponseBody(100, "gzip")
    body.feed(gzip.compress(b"abc")[:-6])
    with pytest.raises(BodyUnreadable):
        body.finish()


def test_empty_body_with_an_encoding_is_empty() -> None:
    assert ResponseBody(10, "gzip").finish() == b""


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "chunked"])
def test_encoding_that_was_not_asked_for(encoding: str) -> None:
    with pytest.raises(BodyUnreadable):
        ResponseBody(10, encoding)
