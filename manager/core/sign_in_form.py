"""What is asked for when a person types or pastes; every front door draws it in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import InvalidRequest
from .secret import Secret

_LONGEST = 16_384


class FieldKind(StrEnum):
    TEXT = "text"
    SECRET = "secret"  # noqa: S105  # masked, in no history
    EMAIL = "email"
    WORDS = "words"  # several, separated by spaces or commas: scopes, addresses
    NUMBER = "number"  # whole, 1 or more
    CHOICE = "choice"  # one of `choices`


@dataclass(frozen=True, slots=True)
class FormField:
    """`hint`: a sentence shown beside it. `default`: what stands in it at first; never a secret."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    hint: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """`id` is stable (`password`, `api_key`...); `title` names the way to sign in; `note`: what the
    person should know before typing."""

    id: str
    title: str
    fields: tuple[FormField, ...]
    note: str = ""


def checked_values(form: SignInForm, values: Mapping[str, str]) -> dict[str, Secret]:
    """What was typed, one entry a filled field. Raises InvalidRequest, which names the field by its
    label and never shows what was typed. A secret stays as it is; everything else is trimmed."""
    known = {field.name: field for field in form.fields}
    for name in values:
        if name not in known:
            raise InvalidRequest(f"There is no field {name[:40]!r} here.", hint=_asked(form))
    checked: dict[str, Secret] = {}
    for field in form.fields:
        text = values.get(field.name) or ""
        if field.kind is not FieldKind.SECRET:
            text = text.strip()
        if not text:
            if field.required:
                raise InvalidRequest(f"{field.label} is missing.", hint=field.hint)
            continue
        _check(field, text)
        checked[field.name] = Secret(text)
    return checked


def words(text: str) -> tuple[str, ...]:
    """What a field of the kind WORDS holds, each word once."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _check(field: FormField, text: str) -> None:
    if len(text) > _LONGEST:
        raise InvalidRequest(f"{field.label} is too long.")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text.replace("\r\n", "\n").replace("\n", "")):
        raise InvalidRequest(f"{field.label} holds characters that cannot be typed.")
    if field.kind is not FieldKind.SECRET and "\n" in text:
        raise InvalidRequest(f"{field.label} is one line.")
    if field.kind is FieldKind.CHOICE and text not in field.choices:
        raise InvalidRequest(f"{field.label} is one of: {', '.join(field.choices)}.")
    if field.kind is FieldKind.NUMBER and not (text.isdecimal() and len(text) < 10 and int(text)):
        raise InvalidRequest(f"{field.label} is a whole number, 1 or more.")


def _asked(form: SignInForm) -> str:
    return "Asked for: " + ", ".join(field.name for field in form.fields) + "."
