"""Bad input at the real sockets: a typed error each, nothing changed, nobody else disturbed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from manager.client.protocol.messages import METHODS
from manager.practice.person import Person
from tests.hardship.conftest import Standing
from tests.hardship.running_agent import CLIENT
from tests.hardship.wire import Refused, Wire, frame, hello

LINE, LINE_BEFORE_HELLO = 1 << 20, 1 << 16
WRONG = {
    "str": [1, None, True, [], {}, 1.5],
    "int": ["1", None, True, [], 1.5],
    "float": ["1", None, True, [], {}],
    "bool": ["true", None, 1, []],
    "strs": ["a", None, [1], {}, [["a"]]],
    "object": ["a", None, [], 1],
    "objects": ["a", None, {}, [1]],
}


@pytest.fixture(autouse=True)
def nobody_else_notices(standing: Standing) -> Iterator[None]:
    """Another connector's kept connection, before and after."""
    with standing.agent.connect() as connector:
        connector.call("token.get", account=standing.account)
        yield
        token = connector.call("token.get", account=standing.account)["access_token"]
    assert standing.server.accepts(token)
    assert standing.agent.state(standing.account)[:2] == ("signed_in", None)


NOT_REQUESTS = {
    "nothing of JSON": b"GET / HTTP/1.1",
    "a batch": b'[{"jsonrpc":"2.0","id":1,"method":"accounts.list"}]',
    "a number": b"17",
    "a text": b'"hello"',
    "null": b"null",
    "an open object": b'{"jsonrpc":"2.0",',
    "no method": b'{"jsonrpc":"2.0","id":1}',
    "a method that is a number": b'{"jsonrpc":"2.0","id":1,"method":5}',
    "an id that is a list": b'{"jsonrpc":"2.0","id":[1],"method":"accounts.list"}',
    "an id that is a fraction": b'{"jsonrpc":"2.0","id":1.5,"method":"accounts.list"}',
    "not UTF-8": b'{"id":1,"method":"accounts.list\xff"}',
    "half a surrogate": b'{"id":1,"method":"\\ud800"}',
    "NUL": b"\x00" * 64,
    "deep lists": b'{"id":1,"method":"accounts.list","params":' + b"[" * 50_000,
    "deep objects": b'{"id":1,"method":"accounts.list","params":' + b'{"a":' * 9_000,
    "two objects": b'{"id":1,"method":"hello"} {"id":2,"method":"hello"}',
    "NaN": b'{"id":NaN,"method":"accounts.list"}',
}


@pytest.mark.parametrize("line", NOT_REQUESTS.values(), ids=NOT_REQUESTS.keys())
@pytest.mark.parametrize("control", [False, True], ids=["agent.sock", "control.sock"])
def test_what_is_no_request(standing: Standing, line: bytes, control: bool) -> None:
    with standing.agent.connect(control=control) as wire:
        wire.send(line + b"\n")
        assert wire.kind() == "parse_error"
        assert isinstance(wire.call("accounts.list")["accounts"], list)
    with standing.agent.connect(control=control, greet=False) as wire:
        wire.send(line + b"\n" + hello())
        assert wire.kind() == "parse_error"
        assert wire.ended(), "the first message is hello, or the last one"


@pytest.mark.parametrize("method", METHODS)
def test_params_of_wrong_types(standing: Standing, method: str) -> None:
    shapes = METHODS[method].params
    with standing.agent.connect(control=True) as wire:
        for given in ([], "a", 1, True):
            line = {"jsonrpc": "2.0", "id": 1, "method": method, "params": given}
            wire.send(json.dumps(line).encode() + b"\n")
            assert wire.kind() == "invalid_request", given
        for name, shape in [*shapes.items(), ("timeout", "float?")]:
            for value in WRONG[shape.rstrip("?")]:
                if value is None and shape.endswith("?"):
                    continue
                wire.send(frame(method, 1, **{**_right(method), name: value}))
                assert wire.kind() == "invalid_request", (name, value)
        for name, shape in shapes.items():
            if not shape.endswith("?"):
                lacking = {k: v for k, v in _right(method).items() if k != name}
                wire.send(frame(method, 1, **lacking))
                assert wire.kind() == "invalid_request", f"without {name}"


def _right(method: str) -> dict[str, object]:
    right = {"str": "x", "int": 1, "float": 1.0, "bool": True, "strs": [], "object": {}}
    return {name: right[shape] for name, shape in METHODS[method].params.items() if shape in right}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("token.get", {"min_valid": -1}),
        ("token.get", {"min_valid": 1e308}),
        ("token.refresh", {"account": "x", "rejected": "not a digest"}),
        ("request.headers", {"method": "GET\r\nX: y", "url": "http://127.0.0.1/"}),
        ("request.headers", {"method": "GET", "url": "http://127.0.0.1:1/"}),
        ("request.headers", {"method": "GET", "url": "file:///etc/passwd"}),
        ("request.headers", {"method": "GET", "url": "//x"}),
        ("sign_in.begin", {"server": "javascript:alert(1)"}),
        ("sign_in.begin", {"server": "http://user:pass@127.0.0.1/"}),
        ("sign_in.begin", {"server": "http://example.org/"}),
        ("sign_in.begin", {"server": "https://\u0000example.org/"}),
        ("sign_in.begin", {"server": ""}),
        ("sign_in.begin", {"server": "x" * 100_000}),
        ("servers.probe", {"url": "file:///etc/passwd"}),
        ("accounts.set_default", {"for": "everything"}),
        ("events.subscribe", {"topics": ["no such topic"]}),
        ("hello", {"protocol": 1, "connector": {}}),
        ("hello", {"protocol": 1, "connector": {"name": "a\u001b[2J"}}),
        ("hello", {"protocol": 1, "connector": {"name": "x" * 101}}),
        ("accounts.list", {"cursor": "\u0000", "limit": -5}),
    ],
)
def test_values_that_make_no_sense(
    standing: Standing, method: str, params: dict[str, object]
) -> None:
    if "account" not in params and "account" in METHODS[method].params:
        params = {**params, "account": standing.account}
    if params.get("server") is not None:
        params = {k: v for k, v in params.items() if k != "account"}
    with standing.agent.connect(control=True) as wire:
        wire.send(frame(method, 1, **params))
        answer = wire.answer()
        if "error" in answer:
            assert answer["error"]["data"]["kind"] in ("invalid_request", "too_large")
            assert len(answer["error"]["message"]) < 600
        else:
            assert params.get("min_valid") == 1e308 or "limit" in params


@pytest.mark.parametrize("method", ["", "accounts", "__init__", "accounts.list ", "x" * 60_000])
def test_unknown_methods(standing: Standing, method: str) -> None:
    with standing.agent.connect() as wire:
        wire.send(frame(method))
        answer = wire.answer()["error"]
        assert answer["data"]["kind"] == "unknown_method"
        assert len(answer["message"]) < 200


def test_lines_that_are_too_long(standing: Standing) -> None:
    for greeted, limit in ((False, LINE_BEFORE_HELLO), (True, LINE)):
        for ending in (b"\n", b""):
            with standing.agent.connect(greet=greeted) as wire:
                _send_all_it_takes(wire, b" " * (limit + 1) + ending)
                assert wire.kind() == "too_large"
                assert wire.ended()
    with standing.agent.connect() as wire:
        longest = frame("accounts.list")[:-1].ljust(LINE) + b"\n"
        wire.send(longest)
        assert wire.kind() == "result"


def _send_all_it_takes(wire: Wire, data: bytes) -> None:
    try:
        wire.send(data)
    except (BrokenPipeError, ConnectionResetError):
        return  # it was refused before all of it was sent


@pytest.mark.whole
def test_half_frames_end_in_time(standing: Standing) -> None:
    with (
        standing.agent.connect(greet=False) as silent,
        standing.agent.connect(greet=False) as halting,
        standing.agent.connect() as greeted,
    ):
        began = time.monotonic()
        halting.send(hello()[:20])
        greeted.send(frame("accounts.list")[:20])
        for wire, least, most in ((silent, 4, 9), (halting, 4, 9), (greeted, 9, 14)):
            assert wire.kind() == "timeout"
            assert least < time.monotonic() - began < most
            assert wire.ended()


def test_before_hello_nothing_is_told(standing: Standing) -> None:
    for method in METHODS:
        if method == "hello":
            continue
        with standing.agent.connect(control=True, greet=False) as wire:
            wire.send(frame(method, 1, **_right(method)))
            assert wire.kind() == "invalid_request"
            assert wire.ended()


def test_callbacks_that_belong_to_nothing(standing: Standing) -> None:
    """A wrong one is an error of its kind; the sign-in it tried to end still ends well."""
    agent, server = standing.agent, standing.server
    asked = len(server.requests)
    for uri in ("io.github.account-manager:/callback?code=a&state=b", "speckle://account?code=a"):
        assert agent.refusal("sign_in.complete", uri=uri).kind == "sign_in_expired"
    begun = agent.call("sign_in.begin", server=server.url, **CLIENT)
    answer = Person("alice").visit(begun["authorization_url"])
    asked = len(server.requests)
    state = parse_qs(urlsplit(answer).query)["state"][0]
    bad = {
        answer.replace(state, "x" * len(state)): {"sign_in_expired"},
        answer.replace(f"state={state}", "state="): {"sign_in_expired", "invalid_request"},
        answer + f"&state={state}": {"invalid_request"},
        answer + "&code=another": {"invalid_request"},
        answer + "&iss=http%3A%2F%2Fx": {"invalid_request"},
        "mailto" + answer[answer.index(":") :]: {"invalid_request", "sign_in_expired"},
        "javascript:alert(1)": {"invalid_request", "sign_in_expired"},
        answer + "&pad=" + "x" * 8192: {"invalid_request", "too_large"},
        answer + "\r\nX: y": {"invalid_request"},
        answer + "\u0000": {"invalid_request"},
        answer + "%00": {"invalid_request", "sign_in_expired"},
        "": {"invalid_request"},
        "x" * 1000: {"invalid_request"},
        "?" + answer.partition("?")[2]: {"invalid_request", "sign_in_expired"},
    }
    for uri, kinds in bad.items():
        with pytest.raises(Refused) as refused:
            agent.call("sign_in.complete", uri=uri)
        assert refused.value.kind in kinds, uri[:300]
        assert state not in refused.value.message + refused.value.hint
    assert len(server.requests) == asked, "nothing of this reaches a server"
    assert agent.call("sign_in.complete", uri=answer)["account"]["id"] == standing.account


def test_a_program_has_64_connections(standing: Standing) -> None:
    crowd = [standing.agent.connect(control=True) for _ in range(64)]
    try:
        with standing.agent.connect(control=True, greet=False) as one_more:
            assert one_more.kind() == "too_many"
            assert one_more.ended()
    finally:
        for wire in crowd:
            wire.close()
