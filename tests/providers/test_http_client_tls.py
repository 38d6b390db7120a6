"""Certificates: the system's roots decide, and nothing of the environment weakens them."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from manager.core.errors import AnswerLost, ServerUnreachable
from manager.providers.http_client import HttpClient

pytestmark = pytest.mark.anyio


def certificate(folder: Path, *, days: int = 2, host: str = "127.0.0.1") -> Path:
    """A self-signed certificate and its key in one file; `days` < 0: it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def tls_server(pem: Path, seen: list[bytes]) -> AsyncIterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


async def test_a_root_of_the_system_is_believed_and_no_keys_are_logged(
    http: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))  # OpenSSL's own way to name the system's roots
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    seen: list[bytes] = []
    async with tls_server(pem, seen) as url:
        assert (await http.request("GET", url)).json() == {}
    assert len(seen) == 1
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("days", "host", "trusted", "says"),
    [
        (2, "127.0.0.1", False, "self-signed"),
        (-1, "127.0.0.1", True, "expired"),
        (2, "127.0.0.2", True, "mismatch"),
    ],
)
async def test_a_bad_certificate_gets_nothing(
    http: HttpClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    host: str,
    trusted: bool,
    says: str,
) -> None:
    pem = certificate(tmp_path, days=days, host=host)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    seen: list[bytes] = []
    async with tls_server(pem, seen) as url:
        with pytest.raises(ServerUnreachable, match="is not trusted") as caught:
            await http.request("POST", url, form={"refresh_token": "canary"})
    assert says in caught.value.message
    assert caught.value.hint
    assert not isinstance(caught.value, AnswerLost)
    assert seen == []


async def test_a_server_that_speaks_no_tls(http: HttpClient) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(ServerUnreachable, match="encrypted") as caught:
            await http.request("POST", f"https://127.0.0.1:{port}", form={"a": "b"})
    assert not isinstance(caught.value, AnswerLost)
