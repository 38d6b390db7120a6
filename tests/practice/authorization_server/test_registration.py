"""RFC 7591 over HTTP: a program makes itself known, and takes it back (RFC 7592)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from manager.practice.authorization_server import AuthorizationServer

NATIVE = {
    "client_name": "Mine",
    "application_type": "native",
    "token_endpoint_auth_method": "none",
    "redirect_uris": ["com.example.mine:/cb", "http://127.0.0.1/cb"],
}


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer(registration=True) as started:
        yield started


def register(server: AuthorizationServer, **changes: object) -> httpx.Response:
    return httpx.post(f"{server.url}/register", json={**NATIVE, **changes})


def test_a_program_is_known_from_then_on(server: AuthorizationServer) -> None:
    named = httpx.get(f"{server.url}/.well-known/openid-configuration").json()
    assert named["registration_endpoint"] == f"{server.url}/register"
    answer = register(server)
    made = answer.json()
    assert answer.status_code == 201
    assert "client_secret" not in made
    assert server.clients[made["client_id"]].may_redirect_to("http://127.0.0.1:4711/cb")
    token = {"Authorization": f"Bearer {made['registration_access_token']}"}
    assert httpx.delete(made["registration_client_uri"]).status_code == 401
    assert httpx.delete(made["registration_client_uri"], headers=token).status_code == 204
    assert made["client_id"] not in server.clients


def test_a_program_with_a_secret(server: AuthorizationServer) -> None:
    made = register(server, token_endpoint_auth_method="client_secret_basic").json()
    assert server.clients[made["client_id"]].client_secret == made["client_secret"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://server.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["mine:/cb"]}, "invalid_redirect_uri"),
        ({"application_type": "web"}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://127.0.0.1/#x"]}, "invalid_redirect_uri"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ],
)
def test_what_is_refused(
    server: AuthorizationServer, changes: dict[str, object], error: str
) -> None:
    answer = register(server, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert httpx.post(f"{server.url}/register", content=b"[").json()["error"].startswith("invalid")


def test_most_servers_register_nobody() -> None:
    with AuthorizationServer() as server:
        assert register(server).status_code == 404
