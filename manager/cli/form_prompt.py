"""A sign-in form at the terminal: one field after the other; from a pipe, a line a field."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from manager.client import Client
from manager.client.errors import AccountManagerError, InvalidRequest
from manager.client.exchange import objects

from .output import notice, shown
from .terminal_input import line_of_pipe, on_terminal, typed_line, typed_secret

_EXCHANGE = 60.0
_AGAIN = frozenset({"credentials_refused", "invalid_request"})
Fields = Mapping[str, object]


def given_fields(words: Sequence[str] | None) -> dict[str, str]:
    """`--field NAME=VALUE`. Raises InvalidRequest, which never holds a value."""
    given: dict[str, str] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InvalidRequest("A field is given as NAME=VALUE.", hint="--field region=eu")
        given[name] = value
    return given


def filled_in(
    client: Client, sign_in: str, form: Fields, given: Mapping[str, str]
) -> dict[str, object]:
    """Ask for the form's fields, hand them to the server, and ask for what it wants next (a second
    factor), until it lets the person in: the account, as the agent shows it.

    On a terminal a refused password or a wrong value is said and asked again; on a pipe it ends
    the sign-in. Raises what ended it.
    """
    check_given(form, given)
    values: dict[str, str] = {}
    _introduce(form)
    while True:
        values = _asked(form, given, values)
        params = {"sign_in": sign_in, "fields": values}
        try:
            answer = client.call("sign_in.submit", params, _EXCHANGE)
        except AccountManagerError as error:
            if error.kind not in _AGAIN or not on_terminal():
                raise
            notice(f"{shown(error.message)} {shown(error.hint)}".rstrip())
            given = {}  # it may be what was wrong
            continue
        account, following = answer.get("account"), answer.get("form")
        if isinstance(account, dict):
            return account
        if not isinstance(following, dict):
            raise InvalidRequest("The agent's answer names neither an account nor a next form.")
        form, given, values = following, {}, {}
        _introduce(form)


def chosen_form(forms: Sequence[Fields], asked: str | None) -> str | None:
    """The id of the form to fill in; None leaves it to the agent. On a terminal the person chooses
    among several."""
    if asked is not None or len(forms) < 2:
        return asked
    if not on_terminal():
        others = ", ".join(f"--form {shown(each.get('id', ''))}" for each in forms[1:])
        notice(f"Signing in by: {shown(forms[0].get('title', ''))}. Otherwise: {others}.")
        return str(forms[0].get("id", ""))
    number = numbered_choice([shown(each.get("title", "")) for each in forms], "How to sign in")
    return str(forms[number].get("id", ""))


def numbered_choice(choices: Sequence[str], question: str) -> int:
    """The index of what the person chose; the first by Enter alone."""
    for number, each in enumerate(choices, 1):
        notice(f"  {number}  {each}")
    while True:
        typed = typed_line(f"{question} [1]: ").strip() or "1"
        if typed.isdecimal() and 1 <= int(typed) <= len(choices):
            return int(typed) - 1
        if typed in choices:
            return choices.index(typed)
        notice(f"Type a number from 1 to {len(choices)}.")


def check_given(form: Fields, given: Mapping[str, str]) -> None:
    """Raises InvalidRequest for a field that the form does not have, or that holds a secret."""
    fields = {str(each.get("name", "")): each for each in objects(dict(form), "fields")}
    for name in given:
        field = fields.get(name)
        if field is None:
            raise InvalidRequest(
                f"There is no field {shown(name)[:40]} here.", hint=_names(fields.values())
            )
        if field.get("kind") == "secret":
            raise InvalidRequest(
                f"{shown(field.get('label', name))} is a secret, and every user of this machine "
                "can read arguments.",
                hint="Leave it out: it is asked for, or read from a pipe.",
            )


def _names(fields: Iterable[Fields]) -> str:
    plain = [str(each.get("name", "")) for each in fields if each.get("kind") != "secret"]
    return f"Fields that can be given: {', '.join(plain) or 'none'}."


def _introduce(form: Fields) -> None:
    for text in (form.get("title"), form.get("note")):
        if text:
            notice(shown(text))


def _asked(form: Fields, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """What stood in a field when the server refused is offered again; a secret never is."""
    values: dict[str, str] = {}
    for field in objects(dict(form), "fields"):
        name = str(field.get("name", ""))
        value = given.get(name)
        if value is None:
            value = _typed(field, before.get(name, "")) if on_terminal() else line_of_pipe()
        if field.get("kind") == "secret" and value and value.startswith("-----BEGIN "):
            value = _whole_key(value)
        if value:
            values[name] = value
        elif field.get("default") and field.get("kind") != "secret":
            values[name] = str(field["default"])
    return values


def _typed(field: Fields, before: str) -> str:
    kind, label = field.get("kind"), shown(field.get("label", ""))
    if field.get("hint"):
        notice(f"  {shown(field['hint'])}")
    optional = "" if field.get("required", True) else " (may be left empty)"
    if kind == "secret":
        return typed_secret(f"{label}{optional}: ")
    choices = field.get("choices")
    if kind == "choice" and isinstance(choices, list) and choices and field.get("required", True):
        return str(choices[numbered_choice([shown(each) for each in choices], label)])
    default = before or str(field.get("default") or "")
    standing = f" [{shown(default)}]" if default else ""
    return typed_line(f"{label}{optional}{standing}: ").strip() or default


def _whole_key(first: str) -> str:
    """A private key in PEM has several lines (RFC 7468)."""
    lines = [first]
    while not lines[-1].startswith("-----END ") and len(lines) < 200:
        line = typed_secret("") if on_terminal() else line_of_pipe()
        if line is None:
            break
        lines.append(line)
    sys.stderr.flush()
    return "\n".join(lines) + "\n"
