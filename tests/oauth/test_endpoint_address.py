from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest
from manager.oauth.endpoint_address import checked_endpoint

SERVER = "https://as.example"


@pytest.mark.parametrize("address", ["https://other.example/token?tenant=1", "https://as.example"])
def test_https_addresses_are_kept_as_they_are(address):
    assert checked_endpoint(address, of=SERVER) == address


def test_a_server_on_this_machine_may_name_this_machine():
    address = "http://127.0.0.1:9400/token"
    assert checked_endpoint(address, of="http://localhost:9400") == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "javascript://as.example/%0aalert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "http://as.example/token",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:631/admin",
        "https://localhost:8443/admin",
        "http://[::1]/",
        "https://as.example/\n--flag",
        "https://as.example/`id`",
        "https://as.example/a b",
        "https://as.example/\u202e",
        "https://person@as.example/",
        "https://person:word@as.example/",
        "https://as.example/#fragment",
        "//as.example/token",
        "as.example/token",
        "",
        "https://",
        "https://as.example/" + "a" * 2048,
        None,
        1,
        ["https://as.example"],
    ],
)
def test_any_other_address_is_refused(address):
    with pytest.raises(InvalidRequest):
        checked_endpoint(address, of=SERVER)
