"""Where a browser may be sent: RFC 8252 section 7.3, RFC 9700 section 2.1."""

from __future__ import annotations

import pytest

from manager.practice.authorization_server.client_registry import (
    client_from_json,
    same_redirect_uri,
)


@pytest.mark.parametrize(
    ("registered", "asked", "same"),
    [
        ("com.example:/cb", "com.example:/cb", True),
        ("com.example:/cb", "com.example:/cb/", False),
        ("com.example:/cb", "com.example:/cb?x=1", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", True),
        ("http://127.0.0.1:80/cb", "http://127.0.0.1:5000/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/other", False),
        ("http://127.0.0.1/cb", "http://[::1]:5000/cb", False),
        ("http://[::1]/cb", "http://[::1]:5000/cb", True),
        ("http://127.0.0.1/cb", "https://127.0.0.1:5000/cb", False),
        ("http://127.0.0.1/cb", "http://user@127.0.0.1:5000/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:port/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1.example.com:5000/cb", False),
        ("http://localhost/cb", "http://localhost:5000/cb", False),
        ("https://example.com/cb", "https://example.com:444/cb", False),
    ],
)
def test_same_redirect_uri(registered, asked, same):
    assert same_redirect_uri(registered, asked) is same


def test_a_client_from_json():
    client = client_from_json({"client_id": "x", "redirect_uris": ["x:/cb"], "scopes": ["read"]})
    assert (client.name, client.redirect_uris, client.scopes) == ("x", ("x:/cb",), ("read",))
    assert not client.confidential
    with pytest.raises(KeyError):
        client_from_json({"redirect_uris": []})
