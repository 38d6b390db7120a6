"""Every kind of the protocol has its class, and any error object becomes an exception."""

from __future__ import annotations

import pytest

from manager.client import errors
from manager.client.errors import AccountManagerError, from_wire
from manager.client.protocol.messages import KINDS

OWN = {"agent_unavailable", "untrusted_socket", "connection_lost", "protocol_error"}


def test_one_class_a_kind() -> None:
    kinds = [error.kind for error in AccountManagerError.__subclasses__()]
    assert sorted(kinds) == sorted({*KINDS, *OWN})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_becomes_its_class(kind: str) -> None:
    error = from_wire({"code": KINDS[kind], "message": "m", "data": {"kind": kind, "hint": "h"}})
    assert type(error) is not AccountManagerError
    assert (error.kind, error.message, error.hint) == (kind, "m", "h")


@pytest.mark.parametrize(
    "wire",
    [
        None,
        1,
        [],
        {},
        {"data": 1},
        {"message": 1, "data": {"kind": [], "hint": {}}},
        {"data": {"choices": "x", "retry_after": "soon"}},
        {"data": {"choices": [1, None]}},
    ],
)
def test_whatever_comes_an_error_arrives(wire: object) -> None:
    error = from_wire(wire)
    assert type(error) is AccountManagerError
    assert error.message
    assert (error.kind, error.hint, error.retry_after, error.choices) == ("", "", None, ())


def test_the_module_says_all_its_classes_in_its_tree() -> None:
    for error in AccountManagerError.__subclasses__():
        if error.kind in OWN:
            assert error.__name__ in (errors.__doc__ or "")
