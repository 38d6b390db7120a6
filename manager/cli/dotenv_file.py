"""`.env` files, by the rules of python-dotenv; nothing in them is run or looked up."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from manager.client.errors import InvalidRequest

LARGEST = 256 * 1024
"""Bytes; what is larger is no such file."""
_SPACE = re.compile(r"\s*")
_BLANKS = re.compile(r"[^\S\r\n]*")
_EXPORT = re.compile(r"(?:export[^\S\r\n]+)?")
_QUOTED_NAME = re.compile(r"'([^']+)'")
_NAME = re.compile(r"([^=\#\s]+)")
_EQUALS = re.compile(r"=([^\S\r\n]*)")
_SINGLE = re.compile(r"'((?:\\.|[^'\\])*)'", re.DOTALL)
_DOUBLE = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_PLAIN = re.compile(r"([^\r\n]*)")
_COMMENT_AND_END = re.compile(r"(?:[^\S\r\n]*\#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|$)")
_REST = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class _NotOfThisKind(Exception):
    """A line that is none of such a file."""


@dataclass(frozen=True, slots=True)
class DotenvFile:
    """`unreadable`: the numbers of lines that are none of a `.env` file. `referring`: the names of
    variables that refer to others (`${NAME}`), which are left out: nothing is looked up."""

    variables: dict[str, str] = field(default_factory=dict, repr=False)
    unreadable: list[int] = field(default_factory=list)
    referring: list[str] = field(default_factory=list)


def read(path: str) -> DotenvFile:
    """The file at `path`, `-` for standard input. Raises InvalidRequest, never with content."""
    try:
        if path == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as failure:
        reason = os.strerror(failure.errno or 0)
        raise InvalidRequest(f"{path} cannot be read: {reason}.") from None
    if len(content) > LARGEST:
        raise InvalidRequest(
            f"{path} is larger than {LARGEST // 1024} KiB.", hint="Name a .env file."
        )
    try:
        return parsed(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidRequest(f"{path} is no text file (UTF-8).") from None


def parsed(text: str) -> DotenvFile:
    """What the lines say; the last one of a name counts."""
    file, reader = DotenvFile(), _Reader(text)
    while not reader.at_end():
        number = reader.number()
        try:
            name, value = reader.line()
        except _NotOfThisKind:
            file.unreadable.append(number)
            reader.take(_REST)
        else:
            _keep(file, name, value)
    return file


class _Reader:
    """A place in the text; each piece is read once and for all, as python-dotenv does."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def at_end(self) -> bool:
        self.take(_SPACE)
        return self._place >= len(self._text)

    def number(self) -> int:
        """Of the line, from 1."""
        return len(re.findall(r"\r\n|\n|\r", self._text[: self._place])) + 1

    def take(self, piece: re.Pattern[str]) -> str:
        """What the piece's group holds. Raises _NotOfThisKind."""
        found = piece.match(self._text, self._place)
        if found is None:
            raise _NotOfThisKind
        self._place = found.end()
        return found[1] if piece.groups else ""

    def line(self) -> tuple[str | None, str | None]:
        """A name and its value; None for what is not there. Raises _NotOfThisKind."""
        self.take(_EXPORT)
        name = self._name()
        self.take(_BLANKS)
        value = self._value() if self._next() == "=" else None
        self.take(_COMMENT_AND_END)
        return name, value

    def _name(self) -> str | None:
        if self._next() == "#":
            return None
        return self.take(_QUOTED_NAME if self._next() == "'" else _NAME)

    def _value(self) -> str:
        blanks = self.take(_EQUALS)
        match self._next():
            case "'":
                return re.sub(r"\\([\\'])", r"\1", self.take(_SINGLE))
            case '"':
                escapes = r"\\([\\'\"abfnrtv])"
                return re.sub(escapes, lambda e: _ESCAPES.get(e[1], e[1]), self.take(_DOUBLE))
            case "#" if blanks:
                return ""
        return re.sub(r"\s+#.*", "", self.take(_PLAIN)).rstrip()

    def _next(self) -> str:
        return self._text[self._place : self._place + 1]


def _keep(file: DotenvFile, name: str | None, value: str | None) -> None:
    if name is None:
        return
    file.variables.pop(name, None)
    if name in file.referring:
        file.referring.remove(name)
    if value is None:
        return
    if "${" in value:
        file.referring.append(name)
    else:
        file.variables[name] = value
