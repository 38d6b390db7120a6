"""The door to httpx, against real sockets: what is sent, what is lost, what is never done."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from manager import __version__
from manager.core.errors import (
    AnswerLost,
    InvalidRequest,
    ProviderError,
    ServerUnreachable,
    ShuttingDown,
)
from manager.providers.http_client import HttpClient

pytestmark = pytest.mark.anyio

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def answering(*answers: bytes, seen: list[bytes] | None = None) -> Handler:
    """Gives one answer a connection, the last one for ever."""
    left = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if seen is not None:
            seen.append(request)
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return handle


def http_answer(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def test_sends_a_form_with_our_name_and_gives_the_answer_back(http: HttpClient) -> None:
    seen: list[bytes] = []
    answer = http_answer(b'{"a": 1}', "Content-Type: application/json", "X-Two: b")
    async with server(answering(answer, seen=seen)) as url:
        got = await http.request("POST", f"{url}/token", form={"code": "a b"}, headers={"X-A": "1"})
    assert (got.status, got.json(), got.headers["x-two"]) == (200, {"a": 1}, "b")
    assert got.url == f"{url}/token"
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == b"code=a+b"
    lines = [line.lower() for line in head.decode().split("\r\n")]
    assert f"user-agent: accountmanager/{__version__}" in lines
    assert "content-type: application/x-www-form-urlencoded" in lines
    assert "x-a: 1" in lines


async def test_sends_json(http: HttpClient) -> None:
    seen: list[bytes] = []
    async with server(answering(http_answer(), seen=seen)) as url:
        await http.request("POST", url, json={"query": "{a}"})
    assert seen[0].endswith(b'{"query":"{a}"}')


@pytest.mark.parametrize("status", ["400 Bad Request", "401 No", "429 Slow", "500 Oops", "302 F"])
async def test_every_status_is_an_answer(http: HttpClient, status: str) -> None:
    async with server(answering(http_answer(status=status))) as url:
        assert (await http.request("GET", url)).status == int(status[:3])


async def test_refused_connection_was_not_sent(http: HttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused for as long as it is held
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServerUnreachable, match="refused") as caught:
            await http.request("POST", url, form={"refresh_token": "canary"})
    assert not isinstance(caught.value, AnswerLost)


async def test_unknown_name_was_not_sent(http: HttpClient, monkeypatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ServerUnreachable, match="was not found") as caught:
        await http.request("POST", "https://nothing.invalid/token", form={"a": "b"})
    assert not isinstance(caught.value, AnswerLost)


@pytest.mark.parametrize(
    "part",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"],
)
async def test_connection_cut_after_the_request_is_a_lost_answer(
    http: HttpClient, part: bytes
) -> None:
    seen: list[bytes] = []
    async with server(answering(part, seen=seen)) as url:
        with pytest.raises(AnswerLost):
            await http.request("POST", url, form={"a": "b"})
    assert len(seen) == 1  # sent once, never again by itself


async def test_reset_after_the_request_is_a_lost_answer(http: HttpClient) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async with server(reset) as url:
        with pytest.raises(AnswerLost):
            await http.request("POST", url, form={"a": "b"})


async def test_each_request_has_its_own_connection(http: HttpClient) -> None:
    """A kept connection that the server closes looks like a lost answer; so none is kept."""
    peers: list[object] = []

    async def one_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername"))
        await read_request(reader)
        writer.write(http_answer(b"{}", "Connection: keep-alive"))
        await writer.drain()
        await reader.read()  # ends when the client closes

    async with server(one_only) as url:
        await http.request("GET", url)
        await http.request("POST", url, form={"a": "b"})
    assert len(set(peers)) == 2


async def test_silent_server_ends_at_the_deadline_as_a_lost_answer(http: HttpClient) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with server(silent) as url:
        with pytest.raises(AnswerLost, match="did not answer within"):
            await http.request("POST", url, form={"a": "b"}, deadline=0.2)


async def test_one_byte_every_250_ms_ends_at_the_deadline(http: HttpClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in http_answer(b"x" * 100):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.25)

    loop = asyncio.get_running_loop()
    async with server(drip) as url:
        began = loop.time()
        with pytest.raises(AnswerLost):
            await http.request("GET", url, deadline=0.8)
        assert loop.time() - began < 5


async def test_handshake_that_never_comes_was_not_sent(http: HttpClient) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server(mute) as url:
        with pytest.raises(ServerUnreachable, match="could not be reached") as caught:
            await http.request(
                "POST", url.replace("http:", "https:"), form={"a": "b"}, deadline=0.5
            )
    assert not isinstance(caught.value, AnswerLost)


async def test_body_over_the_limit(http: HttpClient) -> None:
    async with server(answering(http_answer(b"x" * 5000))) as url:
        assert len((await http.request("GET", url, limit=5000)).body) == 5000
        with pytest.raises(ServerUnreachable, match="more than"):
            await http.request("GET", url, limit=4999)


async def test_compressed_though_not_asked_for(http: HttpClient) -> None:
    seen: list[bytes] = []
    packed = http_answer(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")
    async with server(answering(packed, seen=seen)) as url:
        assert (await http.request("GET", url)).json() == {"a": 1}
    assert b"accept-encoding: identity" in seen[0].lower()


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_damaged_or_unknown_encoding(http: HttpClient, encoding: str) -> None:
    answer = http_answer(b"no such thing", f"Content-Encoding: {encoding}")
    async with server(answering(answer)) as url:
        with pytest.raises(ServerUnreachable, match="damaged"):
            await http.request("GET", url)


async def test_cookies_are_neither_kept_nor_sent(http: HttpClient) -> None:
    seen: list[bytes] = []
    answer = http_answer(b"{}", "Set-Cookie: authn=stale; Path=/")
    async with server(answering(answer, seen=seen)) as url:
        await http.request("GET", url)
        await http.request("GET", url)
    assert b"stale" not in seen[1]


async def test_redirects_are_followed_only_when_asked_and_never_for_post(http: HttpClient) -> None:
    seen: list[bytes] = []
    to = http_answer(b"", "Location: /there", status="307 T")
    async with server(answering(to, seen=seen)) as url:
        assert (await http.request("GET", url)).status == 307
        got = await http.request("POST", url, form={"code": "c"}, follow_redirects=True)
        assert got.status == 307
    assert len(seen) == 2
    async with server(answering(to, http_answer(b"[1]"))) as url:
        got = await http.request("GET", url, follow_redirects=True)
        assert (got.json(), got.url) == ([1], f"{url}/there")


async def test_redirects_end(http: HttpClient) -> None:
    seen: list[bytes] = []
    async with server(answering(http_answer(b"", "Location: /", status="302 F"), seen=seen)) as url:
        with pytest.raises(ServerUnreachable, match="without end"):
            await http.request("GET", url, follow_redirects=True)
    assert len(seen) == 6


async def test_credentials_stay_behind_when_the_origin_changes(http: HttpClient) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    async with server(answering(http_answer(), seen=second)) as other:
        to = http_answer(b"", f"Location: {other}/", status="302 F")
        async with server(answering(to, seen=first)) as url:
            headers = {"Authorization": "Bearer canary", "X-Kept": "1"}
            await http.request("GET", url, headers=headers, follow_redirects=True)
    assert b"canary" in first[0]
    assert b"canary" not in second[0]
    assert b"x-kept: 1" in second[0].lower()


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest", "file:///etc/passwd", "http://example.org/", "https://"],
)
async def test_redirects_to_what_is_not_allowed(http: HttpClient, location: str) -> None:
    answer = http_answer(b"", f"Location: {location}", status="302 F")
    async with server(answering(answer)) as url:
        with pytest.raises(ServerUnreachable, match="not allowed"):
            await http.request("GET", url, follow_redirects=True)


async def test_header_that_would_split_the_request(http: HttpClient) -> None:
    async with server(answering(http_answer())) as url:
        for value in ("a\r\nX-Evil: 1", "canary\u20ac"):
            with pytest.raises(InvalidRequest) as caught:
                await http.request("GET", url, headers={"Authorization": value})
            assert "canary" not in "".join(traceback.format_exception(caught.value))


async def test_no_secret_in_errors_reprs_or_logs(
    http: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with server(answering(http_answer(b"canary", "Set-Cookie: a=canary"))) as url:
        answer = await http.request(
            "GET", f"{url}/?code=canary", headers={"Authorization": "Bearer canary"}
        )
        with pytest.raises(ProviderError, match="not JSON") as unreadable:
            answer.json()
    async with server(answering(b"")) as url:
        with pytest.raises(AnswerLost) as lost:
            await http.request("POST", f"{url}/?code=canary", form={"refresh_token": "canary"})
    for error in (unreadable.value, lost.value):
        assert error.__context__ is None
        assert error.__cause__ is None
        assert "canary" not in f"{error!r}{error.hint}"
    assert "canary" not in repr(answer)
    assert "canary" not in caplog.text


async def test_cancelled_request_closes_its_connection(http: HttpClient) -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await reader.read()
        closed.set()

    async with server(waits) as url, asyncio.TaskGroup() as group:
        request = group.create_task(http.request("GET", url))
        await asked.wait()
        request.cancel()
        await asyncio.wait_for(closed.wait(), 5)
    assert request.cancelled()


async def test_closed_client_sends_nothing() -> None:
    client = HttpClient()
    await client.close()
    with pytest.raises(ShuttingDown):
        await client.request("GET", "http://127.0.0.1:9/")


async def test_many_at_once(http: HttpClient) -> None:
    async with server(answering(http_answer())) as url, asyncio.TaskGroup() as group:
        all_of_them = [group.create_task(http.request("GET", url)) for _ in range(50)]
    assert {task.result().status for task in all_of_them} == {200}


async def test_each_cookie_line_stays_whole(http: HttpClient) -> None:
    first = "token=a; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly"
    reply = http_answer(b"{}", f"Set-Cookie: {first}", "Set-Cookie: refresh_token=b; Path=/")
    async with server(answering(reply)) as url:
        answer = await http.request("GET", url)
    assert answer.set_cookies == (first, "refresh_token=b; Path=/")
    assert "token=a" not in repr(answer)
