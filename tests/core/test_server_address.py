from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest
from manager.core.server_address import canonical, origin, reaches_into_this_machine, request_origin


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTPS://Login.Example.ORG:443/Realms/x/", "https://login.example.org/Realms/x"),
        ("login.example.org", "https://login.example.org"),
        ("localhost:9400", "http://localhost:9400"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://[0:0:0:0:0:0:0:1]:9400", "http://[::1]:9400"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/ü"),
    ],
)
def test_an_address_has_one_spelling(written, meant):
    assert canonical(written) == meant


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "javascript://host/%0aalert(1)",
        "file:///etc/passwd",
        "http://login.example.org",
        "https://",
        "https://person:word@login.example.org",
        "https://login.example.org\n.evil.example",
        "https://login.example.org/\x00",
        "https://login.example.org/`id`",
        "https://login.example.org/$(id)'",
        "https://login.example.org\\@evil.example",
        "https://login.example.org:99999",
        "https://login.example.org:x",
        "https://a..b.example",
        "https://exa\u202emple.org",
        "https://[::1",
        "https://%2e%2e.example",
        "https://" + "a" * 2100,
    ],
)
def test_what_could_be_something_else_is_refused(address):
    with pytest.raises(InvalidRequest):
        canonical(address)


def test_a_letter_that_looks_like_another_shows_in_the_origin():
    assert origin("https://ex\u0430mple.org/path") == "https://xn--exmple-4nf.org"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Abc.example:443/v1/it's|a^b[c]/_search?x=%20#y", "https://abc.example"),
        ("https://abc.example?x=https://evil.example", "https://abc.example"),
        ("http://127.0.0.1:8000/grüße", "http://127.0.0.1:8000"),
    ],
)
def test_the_origin_of_a_request_whatever_its_path_holds(url: str, expected: str) -> None:
    assert request_origin(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@abc.example/",
        "https://abc.example@evil.example/",
        "https://abc.example/a b",
        "https://abc.example/a\nb",
        "ht\ttps://abc.example/",
        "http://abc.example/",
        "//abc.example/",
        "abc.example/",
        "",
    ],
)
def test_the_origin_of_a_request_is_never_guessed(url: str) -> None:
    with pytest.raises(InvalidRequest):
        request_origin(url)


@pytest.mark.parametrize(
    ("address", "of", "reaches"),
    [
        ("http://127.0.0.1:80/x", "https://acme.example", True),
        ("https://localhost", "https://acme.example", True),
        ("http://[::1]:80", "http://127.0.0.1:8000", False),
        ("https://other.example", "https://acme.example", False),
        ("https://other.example", "http://127.0.0.1:8000", False),
    ],
)
def test_no_server_elsewhere_reaches_into_this_machine(address, of, reaches):
    assert reaches_into_this_machine(address, of=of) is reaches
