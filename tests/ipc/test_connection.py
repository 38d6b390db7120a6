"""Bad input gets a typed error, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from manager.ipc import connection
from manager.ipc.limits import (
    CONNECTIONS_A_PROCESS,
    LINE,
    LINE_BEFORE_HELLO,
    READ_AT_ONCE,
    REQUESTS_A_TURN,
    REQUESTS_IN_FLIGHT,
)

from .conftest import Bench, bench_at, frame, hello_frame

pytestmark = pytest.mark.anyio


async def test_hello_and_the_first_request_in_one_write(bench: Bench) -> None:
    peer = await bench.connect(greet=False)
    peer.send(hello_frame() + frame("token.get"))
    assert (await peer.answer())["id"] == 0
    assert (await peer.answer())["result"] == {"access_token": "t"}


async def test_a_request_in_pieces_of_one_byte(bench: Bench) -> None:
    peer = await bench.connect(greet=False)
    for byte in hello_frame() + frame("token.get"):
        peer.send(bytes([byte]))
        await peer.writer.drain()
    assert "result" in await peer.answer()
    assert "result" in await peer.answer()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"not json\n", "parse_error"),
        (b"\xff\xfe\n", "parse_error"),
        (b'{"method": 1, "id": 1}\n', "parse_error"),
        (b'{"id": 1}\n', "parse_error"),
        (b'{"method": "x", "id": {}}\n', "parse_error"),
        (b"[" * 5000 + b"\n", "parse_error"),
        (b'{"method": "token.get", "id": 1, "params": ' + b"[" * 50_000 + b"\n", "parse_error"),
        (b'{"method": "token.get", "id": 1, "x": ' + b'{"a":' * 10_000 + b"\n", "parse_error"),
        (frame("no.such.method"), "unknown_method"),
        (frame("token.get", account=1), "invalid_request"),
        (frame("token.get", min_valid="soon"), "invalid_request"),
        (frame("accounts.get"), "invalid_request"),
        (b'{"method": "token.get", "id": 1, "params": []}\n', "invalid_request"),
        (b'{"method": "token.get", "id": 1, "params": {"account": "\xff"}}\n', "parse_error"),
        (frame("agent.stop"), "internal_error"),
    ],
)
async def test_bad_lines_are_answered_and_the_connection_goes_on(
    bench: Bench, line: bytes, kind: str
) -> None:
    peer, other = await bench.connect(), await bench.connect()
    peer.send(line)
    assert await peer.kind() == kind
    for each in (peer, other):
        each.send(frame("token.get", 7))
        assert (await each.answer())["id"] == 7


async def test_a_notification_gets_no_answer(bench: Bench) -> None:
    peer = await bench.connect()
    peer.send(b'{"method": "token.get"}\n' + frame("token.get", 8))
    assert (await peer.answer())["id"] == 8


@pytest.mark.parametrize("line", [frame("token.get"), b"\xff\n", b"GET / HTTP/1.1\r\n"])
async def test_what_comes_before_hello_ends_the_connection(bench: Bench, line: bytes) -> None:
    peer = await bench.connect(greet=False)
    peer.send(line)
    assert await peer.kind() in {"invalid_request", "parse_error"}
    assert await peer.ended()


async def test_an_old_protocol_is_refused_by_name(bench: Bench) -> None:
    peer = await bench.connect(greet=False)
    peer.send(frame("hello", protocol=0, connector={"name": "old"}))
    assert await peer.kind() == "unsupported_protocol"
    assert await peer.ended()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101, "\u202eevil", 7])
async def test_a_connector_says_a_printable_name(bench: Bench, name: object) -> None:
    peer = await bench.connect(greet=False)
    peer.send(frame("hello", protocol=1, connector={"name": name}))
    assert await peer.kind() == "invalid_request"


async def test_a_line_too_long_before_hello(bench: Bench) -> None:
    peer = await bench.connect(greet=False)
    peer.send(b"x" * (LINE_BEFORE_HELLO + 2))
    assert await peer.kind() == "too_large"
    assert await peer.ended()


@pytest.mark.parametrize("ending", [b"", b"\n"])
async def test_a_line_too_long_after_hello(bench: Bench, ending: bytes) -> None:
    peer, other = await bench.connect(), await bench.connect()
    peer.send(b"x" * (LINE + 2) + ending)
    assert await peer.kind() == "too_large"
    assert await peer.ended()
    other.send(frame("token.get"))
    assert "result" in await other.answer()


async def test_a_megabyte_line_is_allowed_after_hello(bench: Bench) -> None:
    peer = await bench.connect()
    padded = json.dumps({"id": 3, "method": "token.get", "params": {"pad": "x" * (LINE - 100)}})
    peer.send(padded.encode() + b"\n")
    assert (await peer.answer())["id"] == 3


async def test_no_hello_in_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HELLO_WITHIN", 0.05)
    peer = await bench.connect(greet=False)
    assert await peer.kind() == "timeout"
    assert await peer.ended()


async def test_half_a_line_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PARTIAL_LINE_WITHIN", 0.05)
    peer, other = await bench.connect(), await bench.connect()
    peer.send(b'{"method": ')
    other.send(frame("token.get"))
    assert "result" in await other.answer()
    assert await peer.kind() == "timeout"
    assert await peer.ended()


async def test_an_idle_connection_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PARTIAL_LINE_WITHIN", 0.05)
    monkeypatch.setattr(connection, "HELLO_WITHIN", 0.05)
    peer = await bench.connect()
    peer.send(b'{"method": ')
    peer.send(b'"token.get", "id": 1}\n')
    assert "result" in await peer.answer()
    await asyncio.sleep(0.2)
    peer.send(frame("token.get"))
    assert "result" in await peer.answer()


async def test_a_peer_that_does_not_read_is_dropped(bench: Bench) -> None:
    peer, other = await bench.connect(), await bench.connect()
    peer.reader._transport.pause_reading()  # type: ignore[attr-defined]
    for number in range(30):
        peer.send(frame("accounts.list", number))
    while bench.server.connections > 1:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    other.send(frame("token.get"))
    assert "result" in await other.answer()


async def test_the_65th_connection_of_a_process(bench: Bench) -> None:
    for _ in range(CONNECTIONS_A_PROCESS):
        await bench.connect()
    peer = await bench.connect(greet=False)
    assert await peer.kind() == "too_many"
    assert await peer.ended()
    await bench.peers[0].close()
    while bench.server.connections >= CONNECTIONS_A_PROCESS:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await bench.connect()


async def test_another_user_gets_nothing(tmp_path: Path) -> None:
    async with bench_at(tmp_path / "s", uid=12345) as foreign:
        peer = await foreign.connect(greet=False)
        assert await peer.kind() == "invalid_request"
        assert await peer.ended()


async def test_many_requests_in_one_write_are_all_answered(bench: Bench) -> None:
    peer = await bench.connect()
    count = REQUESTS_A_TURN * 5 + 3
    peer.send(b"".join(frame("token.get", number) for number in range(count)))
    assert [(await peer.answer())["id"] for _ in range(count)] == list(range(count))


async def test_no_more_is_read_while_lines_wait(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    received = connection.Connection.data_received

    def received_and_held(self: connection.Connection, data: bytes) -> None:
        received(self, data)
        held.append(len(self._buffer))

    monkeypatch.setattr(connection.Connection, "data_received", received_and_held)
    peer = await bench.connect()
    count = 20_000
    peer.send(b"".join(frame("token.get", number) for number in range(count)))
    assert [(await peer.answer())["id"] for _ in range(count)] == list(range(count))
    assert len(held) > 10
    assert max(held) < 2 * READ_AT_ONCE


async def test_slow_requests_in_flight_are_bounded_and_all_answered(bench: Bench) -> None:
    peer, other = await bench.connect(), await bench.connect()
    count = REQUESTS_IN_FLIGHT * 3
    peer.send(b"".join(frame("accounts.get", n, account="x") for n in range(count)))
    other.send(frame("token.get"))
    assert "result" in await other.answer()
    bench.release.set()
    assert {(await peer.answer())["id"] for _ in range(count)} == set(range(count))


async def test_the_callers_own_timeout(bench: Bench) -> None:
    peer = await bench.connect()
    peer.send(frame("accounts.get", account="x", timeout=0.01))
    assert await peer.kind() == "timeout"


async def test_what_was_asked_for_before_the_end_is_still_answered(bench: Bench) -> None:
    peer = await bench.connect()
    peer.send(frame("accounts.get", 5, account="x"))
    peer.writer.write_eof()
    await asyncio.sleep(0)
    bench.release.set()
    assert (await peer.answer())["id"] == 5


async def test_a_stop_is_told(bench: Bench) -> None:
    peer = await bench.connect()
    bench.server.close()
    assert await peer.kind() == "shutting_down"
    assert await peer.ended()
