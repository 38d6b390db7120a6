"""What the environment may do (name a proxy) and may not do (everything else)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from manager.core.errors import AnswerLost, ServerUnreachable
from manager.providers.http_client import HttpClient
from manager.providers.http_exchange import ForbiddenPeer, HttpExchange
from manager.providers.server_url import check_url

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def recording(answer: bytes, seen: list[bytes]) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def test_netrc_replaces_nothing(
    http: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password canary\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    seen: list[bytes] = []
    async with recording(OK, seen) as url:
        await http.request("GET", url, headers={"Authorization": "Bearer mine"})
        await http.request("GET", url)
    assert b"Authorization: Bearer mine" in seen[0]
    assert b"authorization" not in seen[1].lower()


async def test_a_refusing_proxy_was_asked_and_nothing_was_sent(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    async with recording(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", seen) as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("//", "//me:canary@"))
        with pytest.raises(ServerUnreachable, match="proxy") as caught:
            await http.request("POST", "https://example.org/token", form={"code": "secret"})
    assert not isinstance(caught.value, AnswerLost)
    assert seen[0].startswith(b"CONNECT example.org:443 ")
    assert b"secret" not in seen[0]
    assert "canary" not in f"{caught.value}{caught.value.hint}"


async def test_a_proxy_that_hangs_up_has_lost_no_answer(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    async with recording(b"", seen) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(ServerUnreachable) as caught:
            await http.request("POST", "https://example.org/token", form={"code": "secret"})
    assert len(seen) == 1
    assert not isinstance(caught.value, AnswerLost)


async def test_this_machines_servers_are_never_asked_through_a_proxy(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    through: list[bytes] = []
    direct: list[bytes] = []
    async with recording(OK, through) as proxy, recording(OK, direct) as url:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("all_proxy", proxy)
        await http.request("GET", url)
    assert (len(through), len(direct)) == (0, 1)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x"])
async def test_a_proxy_that_is_not_understood(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(ServerUnreachable, match="proxy settings"):
        await http.request("GET", "https://example.org/")
    async with recording(OK, []) as url:
        assert (await http.request("GET", url)).status == 200


async def test_the_sentence_names_the_proxy_when_the_proxy_is_not_found(
    http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://me:canary@proxy.invalid:3128")
    with pytest.raises(ServerUnreachable, match=r"proxy\.invalid was not found") as caught:
        await http.request("GET", "https://example.org/")
    assert "canary" not in str(caught.value)


class ReachedStream:
    """As much of an open connection as a look at its other end needs."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.closed = False

    def get_extra_info(self, name: str) -> object:
        return (self._address, 443) if name == "server_addr" else None

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("url", "peer", "allowed"),
    [
        ("https://example.org", "93.184.215.14", True),
        ("https://example.org", "10.0.0.1", True),
        ("https://example.org", "169.254.169.254", False),
        ("https://example.org", "fe80::1%eth0", False),
        ("https://example.org", "::ffff:169.254.169.254", False),
        ("http://localhost:1", "127.0.0.1", True),
        ("http://localhost:1", "::1", True),
        ("http://localhost:1", "192.168.0.9", False),
    ],
)
async def test_where_a_name_really_led(url: str, peer: str, allowed: bool) -> None:
    exchange, stream = HttpExchange(check_url(url)), ReachedStream(peer)
    reached = exchange.trace("connection.connect_tcp.complete", {"return_value": stream})
    if allowed:
        await reached
    else:
        with pytest.raises(ForbiddenPeer):
            await reached
    await exchange.close()
    assert stream.closed
    assert not exchange.sent


def test_an_agent_without_requests_does_not_pay_for_the_library() -> None:
    code = (
        "import sys, asyncio\n"
        "from manager.providers.http_client import HttpClient\n"
        "http = HttpClient()\n"
        "asyncio.run(http.close())\n"
        "print([name for name in ('httpx', 'anyio', 'truststore') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
