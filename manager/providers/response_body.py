"""Collects an answer's body without ever holding more than its limit."""

from __future__ import annotations

import zlib

_ZLIB_OR_GZIP = 47  # zlib's code for: either header, recognised by itself


class BodyTooLarge(Exception):
    """The decoded body is over the limit."""


class BodyUnreadable(Exception):
    """The body is damaged, or encoded in a way that was not asked for."""


class ResponseBody:
    """Feeds on raw chunks, decodes within `limit` bytes.

    An HTTP library decodes chunk by chunk: 64 KiB of gzip become 64 MiB at once. Here zlib itself
    is told where to stop. We ask for no encoding; servers and proxies that compress all the same
    are understood.
    """

    def __init__(self, limit: int, content_encoding: str) -> None:
        self._limit = limit
        self._parts = bytearray()
        encoding = content_encoding.strip().lower()
        if encoding in ("", "identity"):
            self._decoder = None
        elif encoding in ("gzip", "x-gzip", "deflate"):
            self._decoder = zlib.decompressobj(_ZLIB_OR_GZIP)
        else:
            raise BodyUnreadable

    def feed(self, chunk: bytes) -> None:
        """Raises BodyTooLarge, BodyUnreadable."""
        room = self._limit - len(self._parts)
        if self._decoder is None:
            decoded = chunk
        else:
            try:
                decoded = self._decoder.decompress(chunk, room + 1)
            except zlib.error:
                decoded = None
        if decoded is None:
            raise BodyUnreadable
        if len(decoded) > room:
            raise BodyTooLarge
        self._parts += decoded

    def finish(self) -> bytes:
        """The whole decoded body. Raises BodyUnreadable when a compressed one stops half-way."""
        if self._decoder is not None and self._parts and not self._decoder.eof:
            raise BodyUnreadable
        return bytes(self._parts)
