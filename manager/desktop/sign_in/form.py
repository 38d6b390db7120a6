"""A form as its server describes it: what is asked for, and what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from manager.desktop.plain_text import plain

_SENTENCE = 400


class FieldKind(StrEnum):
    """The protocol's kinds of field; one that this program does not know is typed as text."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105
    EMAIL = "email"
    WORDS = "words"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    hint: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""

    @property
    def is_secret(self) -> bool:
        return self.kind is FieldKind.SECRET

    def trouble(self, text: str) -> str:
        """What is wrong with `text`, empty when it may be sent. Never says what was typed."""
        given = text if self.is_secret else text.strip()
        if not given:
            return f"{self.label} is needed." if self.required else ""
        if self.kind is FieldKind.NUMBER and not (given.isdecimal() and int(given)):
            return "This is a whole number, 1 or more."
        if self.kind is FieldKind.CHOICE and given not in self.choices:
            return "Choose one of these."
        return ""


@dataclass(frozen=True, slots=True)
class Form:
    """`id` is stable; `title` names this way to sign in; `note`: to be read before typing."""

    id: str
    title: str
    fields: tuple[Field, ...] = ()
    note: str = ""

    @property
    def is_one_secret(self) -> bool:
        """A key or code and nothing else: once it is pasted there is nothing left to type."""
        return len(self.fields) == 1 and self.fields[0].is_secret

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)

    def troubles(self, texts: Mapping[str, str]) -> dict[str, str]:
        """What is wrong, by the field's name."""
        said = {one.name: one.trouble(texts.get(one.name, "")) for one in self.fields}
        return {name: sentence for name, sentence in said.items() if sentence}

    def answer(self, texts: Mapping[str, str]) -> dict[str, str]:
        """`fields` of `sign_in.submit`: those that are filled in, secrets as they are."""
        kept = {
            one.name: texts.get(one.name, "") if one.is_secret else texts.get(one.name, "").strip()
            for one in self.fields
        }
        return {name: text for name, text in kept.items() if text}


def read_form(message: Mapping[str, Any]) -> Form:
    """From the protocol's form object."""
    return Form(
        id=str(message.get("id") or ""),
        title=plain(message.get("title")) or "Sign in",
        fields=tuple(_field(one) for one in message.get("fields") or ()),
        note=plain(message.get("note"), _SENTENCE),
    )


def _field(message: Mapping[str, Any]) -> Field:
    name, said = str(message["name"]), str(message.get("kind"))
    choices = tuple(str(one) for one in message.get("choices") or ())
    kind = FieldKind(said) if said in list(FieldKind) else FieldKind.TEXT
    if kind is FieldKind.CHOICE and not choices:
        kind = FieldKind.TEXT
    return Field(
        name=name,
        label=plain(message.get("label")) or plain(name),
        kind=kind,
        required=message.get("required") is not False,
        hint=plain(message.get("hint"), _SENTENCE),
        choices=choices,
        default="" if kind is FieldKind.SECRET else plain(message.get("default"), _SENTENCE),
    )
