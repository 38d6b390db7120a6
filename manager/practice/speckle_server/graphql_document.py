"""Reads the small part of GraphQL that account managers send: fields, arguments, variables.

Not a GraphQL implementation: no fragments, directives or introspection. What it does not know it
refuses, as a server with a smaller schema would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'[\s,]*(?:#[^\n]*\s*)*(?P<token>[_A-Za-z]\w*|"(?:\\.|[^"\\\n])*"|-?\d+(?:\.\d+)?|[{}()\[\]:$!=])'
)
_REST = re.compile(r"[\s,]*(?:#[^\n]*\s*)*\Z")


class ParseFailed(Exception):
    """The text is not a document this reader knows."""


@dataclass(slots=True)
class Field:
    name: str
    alias: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selection: list[Field] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    selection: list[Field]


def parse(text: str, variables: Mapping[str, Any]) -> Operation:
    """The document's one operation. Raises ParseFailed."""
    reader = _Reader(_tokens(text), variables)
    kind = "query"
    if reader.next in ("query", "mutation", "subscription"):
        kind = reader.take()
        if re.match(r"[_A-Za-z]", reader.next):
            reader.take()
        if reader.next == "(":
            reader.skip_definitions()
    operation = Operation(kind, reader.selection())
    if reader.next:
        raise ParseFailed(f'Syntax Error: Unexpected "{reader.next}".')
    return operation


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while not _REST.match(text, place):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ParseFailed("Syntax Error: Unexpected character.")
        found.append(match["token"])
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._variables = variables
        self._place = 0

    @property
    def next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next
        if not token or (wanted and token != wanted):
            raise ParseFailed(f'Syntax Error: Unexpected "{token or "<EOF>"}".')
        self._place += 1
        return token

    def name(self) -> str:
        token = self.take()
        if not re.fullmatch(r"[_A-Za-z]\w*", token):
            raise ParseFailed(f'Syntax Error: Expected Name, found "{token}".')
        return token

    def skip_definitions(self) -> None:
        while self.take() != ")":
            pass

    def selection(self) -> list[Field]:
        self.take("{")
        fields = []
        while self.next != "}":
            fields.append(self._field())
        self.take("}")
        if not fields:
            raise ParseFailed('Syntax Error: Expected Name, found "}".')
        return fields

    def _field(self) -> Field:
        alias = name = self.name()
        if self.next == ":":
            self.take()
            name = self.name()
        read = Field(name, alias)
        if self.next == "(":
            self.take()
            while self.next != ")":
                argument = self.name()
                self.take(":")
                read.arguments[argument] = self._value()
            self.take(")")
        if self.next == "{":
            read.selection = self.selection()
        return read

    def _value(self) -> Any:
        token = self.take()
        if token == "$":  # noqa: S105  # GraphQL's sign of a variable
            return self._variables.get(self.name())
        if token == "[":  # noqa: S105
            items = []
            while self.next != "]":
                items.append(self._value())
            self.take("]")
            return items
        if token == "{":  # noqa: S105
            fields = {}
            while self.next != "}":
                name = self.name()
                self.take(":")
                fields[name] = self._value()
            self.take("}")
            return fields
        try:
            return json.loads(token)
        except ValueError:
            raise ParseFailed(f'Syntax Error: Unexpected "{token}".') from None
