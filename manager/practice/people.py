"""The people who live on the practice servers, and their pictures."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Person:
    """`login` is what they type, `subject` what a server calls them for ever."""

    login: str
    subject: str
    name: str
    email: str
    company: str
    colour: tuple[int, int, int]

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split())


PEOPLE = {
    person.login: person
    for person in (
        Person("alice", "248289761001", "Alice Moreau", "alice@example.com", "Atelier Nord",
               (37, 99, 235)),
        Person("bob", "248289761002", "Bob Lindqvist", "bob@example.com", "Lindqvist Engineering",
               (13, 148, 136)),
    )
}  # fmt: skip


@cache
def picture(colour: tuple[int, int, int], size: int = 96) -> bytes:
    """A PNG: a person's outline, white on `colour`."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)  # PNG filter: none
        for x in range(size):
            across, down = (x - size / 2) / size, y / size
            head = across**2 + (down - 0.38) ** 2 < 0.17**2
            shoulders = (across / 0.34) ** 2 + ((down - 0.98) / 0.36) ** 2 < 1
            rows += bytes((255, 255, 255) if head or shoulders else colour)
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
