"""What was typed, checked before any server sees it."""

from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest
from manager.core.sign_in_form import FieldKind, FormField, SignInForm, checked_values

FORM = SignInForm(
    "all",
    "All kinds",
    (
        FormField("name", "Name"),
        FormField("password", "Password", FieldKind.SECRET, hint="The one of the server."),
        FormField("email", "E-mail", FieldKind.EMAIL, required=False),
        FormField("scopes", "Scopes", FieldKind.WORDS, required=False),
        FormField("days", "Days", FieldKind.NUMBER, required=False),
        FormField("role", "Role", FieldKind.CHOICE, required=False, choices=("a", "b")),
    ),
)
FILLED = {"name": "alice", "password": "s3cret"}


def revealed(**more: str) -> dict[str, str]:
    return {name: each.reveal() for name, each in checked_values(FORM, {**FILLED, **more}).items()}


def test_only_a_secret_stays_as_it_was_typed() -> None:
    values = revealed(name="  alice ", password="  s3cret ", email=" a@b ", days=" 30 ")
    assert values == {"name": "alice", "password": "  s3cret ", "email": "a@b", "days": "30"}
    assert "s3cret" not in repr(checked_values(FORM, FILLED))


def test_a_key_may_have_lines() -> None:
    pem = "-----BEGIN PRIVATE KEY-----\r\nMIG\n-----END PRIVATE KEY-----\n"
    assert revealed(password=pem)["password"] == pem


def test_what_is_empty_is_left_out() -> None:
    assert revealed(email="  ", scopes="", role="") == FILLED


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "Name is missing"),
        ({"name": "   "}, "Name is missing"),
        ({"password": ""}, "Password is missing"),
        ({"nmae": "x"}, "There is no field 'nmae'"),
        ({"name": "x" * 16_385}, "Name is too long"),
        ({"name": "a\x00b"}, "Name holds characters"),
        ({"name": "a\x7fb"}, "Name holds characters"),
        ({"password": "s3cret\x1b[0m"}, "Password holds characters"),
        ({"password": "s3cret\rx"}, "Password holds characters"),
        ({"name": "a\nb"}, "Name is one line"),
        ({"role": "c"}, "Role is one of: a, b"),
        ({"days": "0"}, "whole number"),
        ({"days": "-1"}, "whole number"),
        ({"days": "1.5"}, "whole number"),
        ({"days": "9" * 10}, "whole number"),
    ],
)
def test_what_does_not_fit_is_named_and_never_shown(typed: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as refused:
        checked_values(FORM, {**FILLED, **typed})
    assert "s3cret" not in f"{refused.value} {refused.value.hint}"


def test_a_missing_field_says_what_belongs_there() -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_values(FORM, {"name": "alice"})
    assert refused.value.hint == "The one of the server."
