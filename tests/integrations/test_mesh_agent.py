"""Mesh through the agent's own sockets: the browser's way back, a code, a key, variables."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from manager.practice.mesh_server import MeshServer
from manager.practice.person import Person
from tests.hardship.running_agent import RunningAgent

pytestmark = pytest.mark.real


@pytest.fixture
def server() -> Iterator[MeshServer]:
    with MeshServer() as started:
        started.change_faults(device_interval=0.1)
        yield started


def served(agent: RunningAgent, server: MeshServer, account: dict[str, Any]) -> bool:
    asked = {"account": account["id"], "method": "POST", "url": f"{server.url}/v1/mesh/chat"}
    with agent.connect() as connector:
        return server.accepts(connector.call("request.headers", **asked)["headers"])


def test_probe(agent: RunningAgent, server: MeshServer) -> None:
    found = agent.call("servers.probe", url=server.url)
    assert (found["provider"], found["provider_name"]) == ("mesh", "Mesh")
    assert found["sign_in_methods"] == ["browser", "device", "form"]
    assert [form["id"] for form in found["forms"]] == ["api_key"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_browser_comes_back_to_localhost_by_either_address(
    agent: RunningAgent, server: MeshServer, address: str
) -> None:
    begun = agent.call("sign_in.begin", server=server.url, redirect="loopback")
    back = urlsplit(Person().visit(begun["authorization_url"]))
    assert (back.hostname, back.path) == ("localhost", "/callback")
    assert 8000 <= (back.port or 0) <= 8999
    with socket.create_connection((address, back.port), timeout=10) as browser:
        request = f"GET {back.path}?{back.query} HTTP/1.1\r\nHost: {back.netloc}\r\n\r\n"
        browser.sendall(request.encode())
        assert b"200 OK" in browser.recv(65536)
    done = agent.call("sign_in.wait", sign_in=begun["sign_in"])
    assert done["account"]["identity"] == "alice@example.com"
    assert served(agent, server, done["account"])


def test_two_at_once_take_two_ports(agent: RunningAgent, server: MeshServer) -> None:
    asked = {"server": server.url, "redirect": "loopback"}
    first, second = (agent.call("sign_in.begin", **asked) for _ in range(2))
    for begun, login in ((second, "bob"), (first, "alice")):
        with urlopen(Person(login).visit(begun["authorization_url"]), timeout=10) as page:
            assert page.status == 200
        done = agent.call("sign_in.wait", sign_in=begun["sign_in"])
        assert done["account"]["identity"] == f"{login}@example.com"


def test_device_code(agent: RunningAgent, server: MeshServer) -> None:
    begun = agent.call("sign_in.begin", server=server.url, method="device")
    assert begun["user_code"] in begun["verification_uri_complete"]
    Person().confirm(begun["verification_uri_complete"])
    done = agent.call("sign_in.wait", sign_in=begun["sign_in"])
    assert done["account"]["identity"] == "alice@example.com"
    assert done["account"]["renews"] is True
    assert served(agent, server, done["account"])


def test_key_stands_beside_the_sign_in_of_its_owner(
    agent: RunningAgent, server: MeshServer
) -> None:
    begun = agent.call("sign_in.begin", server=server.url, redirect="paste")
    back = Person().visit(begun["authorization_url"])
    first = agent.call("sign_in.complete", uri=back)["account"]
    begun = agent.call("sign_in.begin", server=server.url, method="form", form="api_key")
    fields = {"key": server.new_key().value}
    second = agent.call("sign_in.submit", sign_in=begun["sign_in"], fields=fields)["account"]
    assert first["id"] != second["id"]
    assert served(agent, server, second)
    with agent.connect() as connector:
        variables = connector.call("token.variables", account=second["id"])["variables"]
    assert variables == {"MESH_API_KEY": fields["key"], "MESH_API_URL": server.url}
    # Mesh has no way to end a key, so nobody claims that it was ended.
    assert agent.call("accounts.remove", account=second["id"])["revoked"] is False
    assert agent.call("accounts.remove", account=first["id"])["revoked"] is True
    assert server.tenant.grants.live() == 0
