"""Which addresses are asked at all."""

from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest, ServerUnreachable
from manager.providers.server_url import check_url, redirected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.ORG:443/a?b=c", "https://example.org"),
        ("HTTPS://example.org:8443", "https://example.org:8443"),
        ("http://localhost:29363/", "http://localhost:29363"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://[::1]:1/", "http://[::1]:1"),
        ("https://10.0.0.5/", "https://10.0.0.5"),
        ("https://b\u00fccher.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_origin_is_canonical(url: str, origin: str) -> None:
    assert check_url(url).origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "http://example.org/",
        "http://10.0.0.5/",
        "http://localhost.example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://:443/",
        "https://user@example.org/",
        "https://user:pass@example.org/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://example.org/\r\nX: y",
        "https://exa mple.org/",
        "https://example.org\\@evil.org/",
        "https://example.org/\x00",
        "https://169.254.169.254/latest/meta-data",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://169.254.43518/",
        "http://127.1/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://224.0.0.1/",
        "https://" + "a" * 9000,
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        check_url(url)


def test_a_redirect_never_leaves_encryption() -> None:
    before = check_url("https://example.org")
    assert redirected(before, "https://other.example/").origin == "https://other.example"
    with pytest.raises(ServerUnreachable):
        redirected(before, "http://localhost:1/")
