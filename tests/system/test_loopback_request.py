"""Whatever arrives at the port is the callback or is refused; nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.system.loopback_request import CallbackGate, Refused

GATE = CallbackGate("http://127.0.0.1:4711/callback")
HEAD = b"GET /callback?code=1 HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n"


def test_the_callback() -> None:
    assert GATE.callback(HEAD) == "http://127.0.0.1:4711/callback?code=1"


@pytest.mark.parametrize("host", [b"LOCALHOST:4711", b"localhost:4711"])
def test_a_host_has_no_case(host: bytes) -> None:
    gate = CallbackGate("http://localhost:4711/callback")
    head = HEAD.replace(b"127.0.0.1:4711", host)
    assert gate.callback(head) == "http://localhost:4711/callback?code=1"


@given(st.binary() | st.builds(lambda at, put: HEAD[:at] + put + HEAD[at:],
                               st.integers(0, len(HEAD)), st.binary(max_size=8)))  # fmt: skip
def test_any_bytes(request_head: bytes) -> None:
    try:
        uri = GATE.callback(request_head)
    except Refused:
        return
    assert uri.startswith("http://127.0.0.1:4711/callback?")
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"),
               min_size=1))  # fmt: skip
def test_the_query_is_never_changed(query: str) -> None:
    head = HEAD.replace(b"code=1", query.encode())
    assert GATE.callback(head) == f"http://127.0.0.1:4711/callback?{query}"
