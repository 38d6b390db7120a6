from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest
from manager.oauth.private_use_redirect import (
    loopback_redirect_template,
    portless_loopback_redirect_uri,
    private_use_redirect_uri,
)


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("https://login.example.org", "/callback/login.example.org"),
        ("https://Login.example.org:8443/realms/x/", "/callback/login.example.org:8443/realms/x"),
        ("http://127.0.0.1:9400", "/callback/127.0.0.1:9400"),
        ("http://[::1]:9400", "/callback/%5B::1%5D:9400"),
        ("https://as.example/a%20b", "/callback/as.example/a%20b"),
    ],
)
def test_each_server_has_redirect_uris_of_its_own(server, path):
    assert private_use_redirect_uri(server) == f"io.github.account-manager:{path}"
    assert loopback_redirect_template(server) == f"http://127.0.0.1:{{port}}{path}"
    assert portless_loopback_redirect_uri(server) == f"http://127.0.0.1{path}"


def test_two_tenants_of_one_host_do_not_share_one():
    first = private_use_redirect_uri("https://as.example/one")
    assert first != private_use_redirect_uri("https://as.example/two")


def test_no_redirect_uri_for_what_is_no_server():
    with pytest.raises(InvalidRequest):
        private_use_redirect_uri("javascript:alert(1)")
