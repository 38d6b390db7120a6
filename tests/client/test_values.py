"""The client's plain values and the message table say the same."""

from __future__ import annotations

import pytest

from manager.client import values
from manager.client.errors import ProtocolError
from manager.client.protocol.messages import ACCOUNT, TOKEN
from manager.client.values import Account, Token

_TYPES = {"str": str, "int": int, "bool": bool, "strs": list, "object": dict}


@pytest.mark.parametrize(
    ("value", "ours", "table"),
    [(Account, values._ACCOUNT, ACCOUNT), (Token, values._TOKEN, TOKEN)],
)
def test_fields_types_and_absence_are_those_of_the_table(
    value: type, ours: dict, table: dict[str, str]
) -> None:
    assert set(value.__slots__) == set(table) == set(ours)
    for name, kind in table.items():
        types, optional = ours[name]
        assert _TYPES[kind.rstrip("?")] in types, name
        assert optional == kind.endswith("?"), name


def test_an_account_keeps_what_it_came_as(wire: object) -> None:
    account = Account.from_wire({**wire.account(), "of_a_later_version": 1})
    assert account.to_wire() == wire.account()
    assert (account.server_url, account.server_name) == ("https://id.example", "Example")
    assert not account.needs_attention


def test_no_repr_shows_a_token(wire: object) -> None:
    token = Token.from_wire(wire.token())
    assert token.authorization == "Bearer canary-1"
    assert "canary" not in repr(token) + str(token) + f"{token}"


@pytest.mark.parametrize("field", sorted(name for name in TOKEN if not TOKEN[name].endswith("?")))
def test_a_missing_field_is_named_and_nothing_else_is_shown(wire: object, field: str) -> None:
    fields = wire.token()
    del fields[field]
    with pytest.raises(ProtocolError) as caught:
        Token.from_wire(fields)
    assert field in str(caught.value)
    assert "canary" not in str(caught.value)
