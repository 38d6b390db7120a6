"""The transport over real socket pairs: what is written arrives whole, and every end is noticed."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.ipc import socket_server
from manager.ipc.socket_transport import SocketTransport

from .conftest import Bench, frame, hello_frame

pytestmark = pytest.mark.anyio


class Seen(asyncio.Protocol):
    """Notes what it is told; fails on `boom`; keeps a half-closed connection while `busy`."""

    def __init__(self) -> None:
        self.data = b""
        self.busy = False
        self.lost = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if data == b"boom":
            raise RuntimeError("a secret")
        self.data += data

    def eof_received(self) -> bool:
        return self.busy

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)

    async def ended(self) -> Exception | None:
        async with asyncio.timeout(5):
            return await self.lost


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    for each in (ours, theirs):
        each.settimeout(0)
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def begun(ours: socket.socket) -> tuple[SocketTransport, Seen]:
    seen = Seen()
    transport = SocketTransport(asyncio.get_running_loop(), ours, seen)
    transport.begin()
    return transport, seen


async def turns() -> None:
    """A local socket is ready at once: one turn of the loop deals with it, a few with the rest."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_was_sent_before_is_read_at_once(pair: Pair) -> None:
    pair[1].send(b"early")
    assert begun(pair[0])[1].data == b"early"


async def test_more_than_the_system_takes_arrives_whole_and_then_ends(pair: Pair) -> None:
    transport, seen = begun(pair[0])
    sent = bytes(range(256)) * 8192
    transport.write(sent[:1])
    transport.write(sent[1:])
    assert transport.get_write_buffer_size() > 0
    transport.close()
    transport.write(b"too late")
    loop, came = asyncio.get_running_loop(), bytearray()
    while data := await loop.sock_recv(pair[1], 1 << 20):
        came += data
    assert came == sent
    assert await seen.ended() is None


async def test_the_peers_end_is_noticed(pair: Pair) -> None:
    _, seen = begun(pair[0])
    pair[1].close()
    assert await seen.ended() is None


async def test_a_peer_gone_while_it_is_written_to(pair: Pair) -> None:
    transport, seen = begun(pair[0])
    transport.write(b"x" * (1 << 22))
    pair[1].close()
    assert isinstance(await seen.ended(), OSError)


async def test_a_half_closed_connection_lives_until_its_answer_is_out(pair: Pair) -> None:
    transport, seen = begun(pair[0])
    seen.busy = True
    pair[1].shutdown(socket.SHUT_WR)
    await turns()
    assert not transport.is_reading()
    transport.write(b"answer")
    seen.busy = False
    transport.resume_reading()
    assert await seen.ended() is None
    assert pair[1].recv(100) == b"answer"


async def test_paused_reading_leaves_the_bytes_where_they_are(pair: Pair) -> None:
    transport, seen = begun(pair[0])
    transport.pause_reading()
    pair[1].send(b"later")
    await turns()
    assert seen.data == b""
    transport.resume_reading()
    await turns()
    assert seen.data == b"later"
    transport.abort()
    await seen.ended()


async def test_a_failing_protocol_ends_its_own_connection_only(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    _, seen = begun(pair[0])
    pair[1].send(b"boom")
    assert await seen.ended() is None
    assert "RuntimeError" in caplog.text
    assert "a secret" not in caplog.text


async def test_an_answer_still_comes_after_the_peer_closed_its_writing_half(bench: Bench) -> None:
    peer = await bench.connect(greet=False)
    peer.send(hello_frame() + frame("accounts.get", 9, account="x"))
    peer.writer.write_eof()
    bench.release.set()
    assert (await peer.answer())["id"] == 0
    assert (await peer.answer())["id"] == 9
    assert await peer.ended()
    await turns()
    assert bench.server.connections == 0


async def test_no_descriptor_left_is_waited_out(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exhausted(socket.socket):
        failures = 0

        def accept(self) -> tuple[socket.socket, object]:
            if not self.failures:
                self.failures += 1
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    monkeypatch.setattr(socket_server, "_UNTIL_ROOM", 0.01)
    listening = Exhausted(socket.AF_UNIX)
    listening.bind(str(tmp_path / "other"))
    bench.server.close()
    bench.server.listen(listening)
    bench.path = str(tmp_path / "other")
    await bench.connect()
    assert listening.failures == 1
