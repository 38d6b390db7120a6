"""The checked types are those of the message table, method by method."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec
import pytest

from manager.client.protocol.messages import METHODS
from manager.ipc.message_types import (
    ErrorReply,
    Notification,
    Reply,
    encoder,
    params_type,
    request_decoder,
)

SAMPLES: dict[str, Any] = {
    "str": "text",
    "int": 7,
    "float": 1.5,
    "bool": True,
    "strs": ["a", "b"],
    "object": {"name": "ci"},
    "objects": [{"a": 1}],
}
WRONG: dict[str, Any] = {
    "str": 1,
    "int": "7",
    "float": "soon",
    "bool": 1,
    "strs": "a",
    "object": [],
    "objects": {},
}


def wanted(method: str, *, optional: bool = True) -> dict[str, Any]:
    """Params that fit the table."""
    return {
        name: SAMPLES[shape.rstrip("?")]
        for name, shape in METHODS[method].params.items()
        if optional or not shape.endswith("?")
    }


@cache
def checked(method: str) -> type[msgspec.Struct]:
    return params_type(method)


def decoded(method: str, params: Any) -> Any:
    return msgspec.json.decode(json.dumps(params), type=checked(method))


@pytest.mark.parametrize("method", METHODS)
def test_what_the_table_says_is_taken(method: str) -> None:
    params = wanted(method)
    assert msgspec.to_builtins(decoded(method, params)) == {**params, "timeout": None}


@pytest.mark.parametrize("method", METHODS)
def test_what_is_optional_may_be_absent_or_null(method: str) -> None:
    needed = wanted(method, optional=False)
    nulls = {name: None for name in wanted(method) if name not in needed}
    assert decoded(method, needed) == decoded(method, {**needed, **nulls})


@pytest.mark.parametrize("method", METHODS)
def test_what_is_needed_is_needed(method: str) -> None:
    needed = wanted(method, optional=False)
    for name in needed:
        with pytest.raises(msgspec.ValidationError, match=f"`{name}`"):
            decoded(method, {key: value for key, value in needed.items() if key != name})
        with pytest.raises(msgspec.ValidationError):
            decoded(method, {**needed, name: None})


@pytest.mark.parametrize("method", METHODS)
def test_another_type_is_refused_by_name(method: str) -> None:
    params = wanted(method)
    for name, shape in METHODS[method].params.items():
        with pytest.raises(msgspec.ValidationError, match=name):
            decoded(method, {**params, name: WRONG[shape.rstrip("?")]})


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_a_timeout(method: str) -> None:
    params = wanted(method, optional=False)
    assert decoded(method, params).timeout is None
    assert decoded(method, {**params, "timeout": 2}).timeout == 2.0
    assert decoded(method, {**params, "timeout": 0.5}).timeout == 0.5
    with pytest.raises(msgspec.ValidationError, match="timeout"):
        decoded(method, {**params, "timeout": "soon"})


@pytest.mark.parametrize("method", METHODS)
def test_a_newer_client_may_say_more(method: str) -> None:
    params = wanted(method)
    assert decoded(method, {**params, "since_version_9": [{}]}) == decoded(method, params)


def test_for_is_a_word_of_python_and_of_the_wire() -> None:
    params = decoded("accounts.set_default", {"account": "a", "for": "server"})
    assert params.for_ == "server"
    with pytest.raises(msgspec.ValidationError):
        decoded("accounts.set_default", {"account": "a", "for_": "server"})


def test_an_int_is_a_float_too_and_not_the_other_way() -> None:
    method = next(m for m in METHODS if "float?" in METHODS[m].params.values())
    name = next(n for n, shape in METHODS[method].params.items() if shape == "float?")
    value = getattr(decoded(method, {**wanted(method), name: 3}), name)
    assert (type(value), value) == (float, 3.0)
    with pytest.raises(msgspec.ValidationError):
        decoded("hello", {**wanted("hello"), "protocol": 1.5})


def test_params_wait_until_the_method_is_known() -> None:
    request = request_decoder.decode(b'{"id": "x", "method": "no.such", "params": [1, {"a": 2}]}')
    assert (request.id, request.method) == ("x", "no.such")
    assert bytes(request.params) == b'[1, {"a": 2}]'
    bare = request_decoder.decode(b'{"method": "agent.status"}')
    assert bare.id is None
    assert bytes(bare.params) == b"{}"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Reply(1, {"a": 1}), {"id": 1, "result": {"a": 1}}),
        (ErrorReply(None, {"code": 1}), {"id": None, "error": {"code": 1}}),
        (Notification("event", {"topic": "t"}), {"method": "event", "params": {"topic": "t"}}),
    ],
)
def test_what_goes_out_is_json_rpc(message: msgspec.Struct, line: dict[str, Any]) -> None:
    assert json.loads(encoder.encode(message)) == {**line, "jsonrpc": "2.0"}
