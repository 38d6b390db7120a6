"""Cookies as servers really set them."""

from __future__ import annotations

import pytest

from manager.core.secret import Secret
from manager.providers.magnet_ai.cookies import cookie_header, received_cookies


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("token=abc; HttpOnly; Path=/", ("token", "abc", None)),
        ("token=abc; Max-Age=900; Secure", ("token", "abc", 900.0)),
        ("token = abc ;max-age=900", ("token", "abc", 900.0)),
        ("a=b=c==; Path=/", ("a", "b=c==", None)),
        ('a="quoted"', ("a", '"quoted"', None)),
        ("a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT", ("a", "b", None)),
    ],
)
def test_kept(line, expected):
    (cookie,) = received_cookies([line])
    assert (cookie.name, cookie.value.reveal(), cookie.lifetime) == expected


@pytest.mark.parametrize(
    "line",
    ["token=; Max-Age=0", "token=x; Max-Age=0", "token=x; Max-Age=-1", "token", "", "=x",
     "a b=c", "a=b c", "a=b\r\nSet-Cookie: c=d", "a=é", "a=b,c"],
)  # fmt: skip
def test_not_kept(line):
    assert received_cookies([line]) == ()


def test_back_to_the_server():
    pairs = [("a", Secret("1")), ("b", Secret("2"))]
    assert cookie_header(pairs) == {"Cookie": "a=1; b=2"}
