"""One JSON object a line: cutting a byte stream into lines, within limits."""

from __future__ import annotations

MAX_LINE_BEFORE_HELLO = 64 * 1024
MAX_LINE = 1024 * 1024
"""Bytes in one line, its newline not counted, both ways."""


class LineTooLong(ValueError):
    """The peer sent more bytes than one line may have; the connection is of no use any more."""


class LineSplitter:
    """Collects bytes and hands out whole lines, however the stream was cut.

    `limit` may be changed between two calls (it grows after `hello`).
    """

    __slots__ = ("_parts", "_size", "limit")

    def __init__(self, limit: int = MAX_LINE) -> None:
        self.limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Whole lines without their newline, oldest first. Raises LineTooLong."""
        if b"\n" not in data:
            self._keep(data)
            return []
        if self._parts:
            data = b"".join(self._parts) + data
            self._parts = []
            self._size = 0
        lines = data.split(b"\n")
        rest = lines.pop()
        for line in lines:
            if len(line) > self.limit:
                raise LineTooLong("A line is longer than {} bytes.".format(self.limit))
        if rest:
            self._keep(rest)
        return lines

    @property
    def partial(self) -> int:
        """Bytes of a line that has no end yet."""
        return self._size

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > self.limit:
            raise LineTooLong("A line is longer than {} bytes.".format(self.limit))
