from __future__ import annotations

import pytest

from manager.core.catalogue import PresetServer
from manager.core.errors import InvalidRequest
from manager.core.provider import LoopbackRedirect, RedirectMethod, SchemeRedirect
from manager.providers.oidc.redirect_choice import (
    redirect_methods,
    redirect_uris_to_register,
    redirection,
)

URL = "https://as.example"
SCHEME, LOOPBACK, PASTE = RedirectMethod


def preset(**uris):
    return PresetServer(URL, "AS", "oidc", redirect_uris=uris or None)


@pytest.mark.parametrize("described", [None, preset()])
def test_our_own_redirect_uris(described):
    assert redirect_methods(described) == (SCHEME, LOOPBACK, PASTE)
    assert redirection(URL, SCHEME, described) == SchemeRedirect(
        "io.github.account-manager:/callback/as.example"
    )
    assert redirection(URL, LOOPBACK, described) == LoopbackRedirect(
        "http://127.0.0.1:{port}/callback/as.example"
    )
    registered = redirect_uris_to_register(URL, described)
    assert registered["loopback"] == "http://127.0.0.1/callback/as.example"
    assert redirection(URL, PASTE, described) == SchemeRedirect(registered["loopback"])


@pytest.mark.parametrize(
    ("registered", "expected", "pasted"),
    [
        ("http://127.0.0.1:{port}/cb", LoopbackRedirect("http://127.0.0.1:{port}/cb"),
         "http://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", LoopbackRedirect("http://127.0.0.1:{port}/cb"),
         "http://127.0.0.1/cb"),
        ("http://localhost:8400/cb",
         LoopbackRedirect("http://localhost:8400/cb", port=8400, dual_stack=True),
         "http://localhost:8400/cb"),
        ("http://[::1]/cb", LoopbackRedirect("http://[::1]:{port}/cb"), "http://[::1]/cb"),
    ],
)  # fmt: skip
def test_the_operators_loopback_address(registered, expected, pasted):
    described = preset(loopback=registered)
    assert redirect_methods(described) == (LOOPBACK, PASTE)
    assert redirection(URL, LOOPBACK, described) == expected
    assert redirection(URL, PASTE, described) == SchemeRedirect(pasted)
    assert redirect_uris_to_register(URL, described) == {"loopback": registered}
    with pytest.raises(InvalidRequest):
        redirection(URL, SCHEME, described)


@pytest.mark.parametrize(
    "uri",
    ["https://as.example/cb", "http://as.example/cb", "javascript:alert(1)", "x:/cb",
     "io.github.account-manager:/cb?x=1", "io.github.account-manager:/cb#x"],
)  # fmt: skip
def test_an_address_that_could_not_come_back_to_us_is_refused(uri):
    with pytest.raises(InvalidRequest):
        redirection(URL, SCHEME, preset(scheme=uri))
