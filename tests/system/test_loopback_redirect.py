"""A browser's way back over a real port: one path, one host, nobody beside us."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from manager.core.errors import InvalidRequest, RedirectUnavailable, SignInDenied
from manager.core.ports import LoopbackListener
from manager.core.provider import LoopbackRedirect
from manager.system import loopback_redirect
from manager.system.loopback_redirect import SystemLoopbackListeners

pytestmark = pytest.mark.anyio
V4 = LoopbackRedirect("http://127.0.0.1:{port}/callback/one")
BOTH = LoopbackRedirect("http://localhost:{port}/callback", dual_stack=True)


class Callbacks:
    """Stands where the sign-in service stands."""

    def __init__(self, answer: bool | Exception = True) -> None:
        self.uris: list[str] = []
        self._answer = answer

    async def __call__(self, uri: str) -> bool:
        self.uris.append(uri)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _port(listener: LoopbackListener) -> int:
    found = re.search(r":(\d+)/", listener.redirect_uri)
    assert found
    return int(found[1])


@asynccontextmanager
async def _connection(
    port: int, address: str = "127.0.0.1"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _get(
    listener: LoopbackListener,
    target: str = "/callback/one?code=1&state=2",
    *,
    method: str = "GET",
    host: str | None = None,
    more: str = "",
    address: str = "127.0.0.1",
) -> tuple[int, str]:
    port = _port(listener)
    host = f"127.0.0.1:{port}" if host is None else host
    async with _connection(port, address) as (reader, writer):
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"
        writer.write(head.encode("latin-1"))
        answer = ""
        with suppress(ConnectionResetError):  # hung up on before it had read our request
            answer = (await reader.read()).decode()
    return (int(answer.split(" ")[1]) if answer else 0), answer


async def test_the_whole_uri_arrives_as_it_was_sent() -> None:
    callbacks = Callbacks()
    listener = await SystemLoopbackListeners().open(V4, callbacks)
    status, answer = await _get(listener, "/callback/one?code=a%2Fb+c&state=2&state=3")
    assert status == 200
    assert callbacks.uris == [listener.redirect_uri + "?code=a%2Fb+c&state=2&state=3"]
    assert "You can close this tab" in answer
    await listener.close()


async def test_the_page_keeps_the_code_to_itself() -> None:
    listener = await SystemLoopbackListeners().open(V4, Callbacks())
    answer = (await _get(listener, "/callback/one?code=canary"))[1]
    assert "canary" not in answer
    assert "Cache-Control: no-store" in answer
    assert "Referrer-Policy: no-referrer" in answer
    assert "default-src 'none'" in answer
    assert not re.search(r"<script|(src|href)=|url\(|@import", answer)
    await listener.close()


@pytest.mark.parametrize(
    ("answer", "status", "shown"),
    [
        (False, 200, "could not finish the sign-in"),
        (SignInDenied("<b>No.</b>", hint="Allow & retry."), 200, "&lt;b&gt;No.&lt;/b&gt;"),
        (RuntimeError("canary"), 500, "could not finish the sign-in"),
    ],
)
async def test_failure_says_what_to_do(
    answer: bool | Exception, status: int, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    listener = await SystemLoopbackListeners().open(V4, Callbacks(answer))
    assert (await _get(listener))[0] == status
    page = (await _get(listener))[1]
    assert shown in page
    assert "canary" not in page + caplog.text
    await listener.close()


@pytest.mark.parametrize(
    ("target", "change", "status"),
    [
        ("/favicon.ico", {}, 404),
        ("/", {}, 404),
        ("/callback/one", {}, 404),
        ("/callback/one?", {}, 404),
        ("/callback/one/?code=1", {}, 404),
        ("/callback/One?code=1", {}, 404),
        ("/callback/%6fne?code=1", {}, 404),
        ("http://127.0.0.1/callback/one?code=1", {}, 404),
        ("/callback/one?code=1", {"method": "POST"}, 405),
        ("/callback/one?code=1", {"method": "HEAD"}, 405),
        ("/callback/one?code=1", {"host": "attacker.example"}, 421),
        ("/callback/one?code=1", {"host": "localhost"}, 421),
        ("/callback/one?code=1", {"host": ""}, 421),
        ("/callback/one?code=1", {"more": "Host: attacker.example\r\n"}, 421),
        ("/callback/one?code=1", {"more": "Sec-Fetch-Dest: image\r\n"}, 403),
        ("/callback/one?code=1", {"more": "Broken\r\n"}, 400),
        ("/callback/one?code=1", {"more": "Folded : x\r\n"}, 400),
        ("/callback/one?code=\xff", {}, 400),
        ("/callback/one?code=1 2", {}, 400),
        ("/callback/one?code=" + "x" * 9000, {}, 431),
    ],
)
async def test_anything_else_is_refused(target: str, change: dict[str, str], status: int) -> None:
    callbacks = Callbacks()
    listener = await SystemLoopbackListeners().open(V4, callbacks)
    assert (await _get(listener, target, **change))[0] == status  # type: ignore[arg-type]
    assert callbacks.uris == []
    assert (await _get(listener))[0] == 200
    await listener.close()


async def test_a_navigation_is_let_in() -> None:
    listener = await SystemLoopbackListeners().open(V4, Callbacks())
    assert (await _get(listener, more="Sec-Fetch-Dest: document\r\n"))[0] == 200
    await listener.close()


async def test_open_only_during_the_flow_and_open_again_at_once() -> None:
    listener = await SystemLoopbackListeners().open(V4, Callbacks())
    port = _port(listener)
    assert (await _get(listener))[0] == 200
    await listener.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    again = await SystemLoopbackListeners().open(LoopbackRedirect(V4.uri, port=port), Callbacks())
    await again.close()


async def test_the_page_is_sent_although_the_callback_closes_the_port() -> None:
    async def close_and_accept(uri: str) -> bool:
        await listener.close()
        return True

    listener = await SystemLoopbackListeners().open(V4, close_and_accept)
    assert (await _get(listener))[0] == 200


@pytest.mark.parametrize("option", [None, socket.SO_REUSEADDR, socket.SO_REUSEPORT])
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
async def test_nobody_listens_beside_us(option: int | None, address: str) -> None:
    with socket.socket() as other:
        if option is not None:
            other.setsockopt(socket.SOL_SOCKET, option, 1)
        other.bind((address, 0))
        other.listen()
        taken = LoopbackRedirect(V4.uri, port=other.getsockname()[1])
        with pytest.raises(RedirectUnavailable, match=str(taken.port)) as caught:
            await SystemLoopbackListeners().open(taken, Callbacks())
        assert caught.value.hint
    listener = await SystemLoopbackListeners().open(taken, Callbacks())
    with socket.socket() as other:
        if option is not None:
            other.setsockopt(socket.SOL_SOCKET, option, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind((address, taken.port))
    await listener.close()


async def test_localhost_takes_both_addresses() -> None:
    listener = await SystemLoopbackListeners().open(BOTH, Callbacks())
    host = f"localhost:{_port(listener)}"
    for address in ("127.0.0.1", "::1"):
        assert (await _get(listener, "/callback?code=1", host=host, address=address))[0] == 200
    await listener.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_localhost_takes_both_or_neither(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as other:
        port = other.getsockname()[1]
        with pytest.raises(RedirectUnavailable, match=f"Port {port}, .* taken by"):
            await SystemLoopbackListeners().open(
                LoopbackRedirect(BOTH.uri, port=port, dual_stack=True), Callbacks()
            )
        free = "::1" if address == "127.0.0.1" else "127.0.0.1"
        family = socket.AF_INET6 if ":" in free else socket.AF_INET
        socket.create_server((free, port), family=family).close()


async def test_of_several_ports_the_first_that_is_free_on_both_addresses() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        first = probe.getsockname()[1]
        probe.listen()
        several = LoopbackRedirect(BOTH.uri, port=first, dual_stack=True, last_port=first + 20)
        listener = await SystemLoopbackListeners().open(several, Callbacks())
        try:
            assert first < _port(listener) <= first + 20
        finally:
            await listener.close()
        alone = LoopbackRedirect(BOTH.uri, port=first, dual_stack=True, last_port=first)
        with pytest.raises(RedirectUnavailable):
            await SystemLoopbackListeners().open(alone, Callbacks())


async def test_a_silent_browser_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback_redirect, "_READING", 0.05)
    listener = await SystemLoopbackListeners().open(V4, Callbacks())
    async with asyncio.timeout(5), _connection(_port(listener)) as (reader, writer):
        writer.write(b"GET /call")
        assert await reader.read() == b""
    await listener.close()


async def test_at_most_sixteen_at_once() -> None:
    listener = await SystemLoopbackListeners().open(V4, Callbacks())
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        held = [await stack.enter_async_context(_connection(_port(listener))) for _ in range(16)]
        assert (await _get(listener))[0] == 0
        # A place is free as soon as its connection has ended.
        held[0][1].write(b"GET / HTTP/1.1\r\n\r\n")
        await held[0][0].read()
        assert (await _get(listener))[0] == 200
        await listener.close()
        for reader, _ in held[1:]:
            assert await reader.read() == b""


@pytest.mark.parametrize(
    "uri",
    ["https://127.0.0.1:{port}/", "http://example.org:{port}/", "http://127.0.0.1:{port}/?a=1"],
)
async def test_another_redirect_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest):
        await SystemLoopbackListeners().open(LoopbackRedirect(uri), Callbacks())
