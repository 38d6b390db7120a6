"""The seed's dialect: every error code with its exact body, rate limits, roles, variations."""

from __future__ import annotations

import pytest

BODY = {"username": "alice", "password": "right"}


def token(client, **more) -> str:
    answer = client.post("/api/auth/token", json=BODY | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["token"]


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def test_auth_required(start):
    _, client = start("seed")
    for shown in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "bearer x"}):
        answer = client.get("/api/agents", headers=shown)
        assert answer.status_code == 401
        assert answer.json() == {
            "success": False,
            "error": "Authentication required",
            "code": "AUTH_REQUIRED",
        }


def test_invalid_token(start):
    _, client = start("seed")
    answer = client.get("/api/auth/verify", headers=bearer("nonsense"))
    assert answer.status_code == 401
    assert answer.json() == {"success": False, "error": "Invalid token", "code": "INVALID_TOKEN"}


def test_expired_token(start):
    server, client = start("seed")
    value = token(client)
    server.change_faults(clock_offset=2_592_001.0)
    for method, path in (("GET", "/api/agents"), ("POST", "/api/auth/refresh")):
        answer = client.request(method, path, headers=bearer(value))
        assert answer.status_code == 401
        assert answer.json() == {
            "success": False,
            "error": "Token has expired",
            "code": "TOKEN_EXPIRED",
        }


@pytest.mark.parametrize("coded", [True, False])
def test_forbidden_as_the_document_shows_it_twice(start, coded):
    _, client = start("seed", forbidden_code=coded)
    answer = client.post("/api/agents", headers=bearer(token(client, scopes=["agents:read"])))
    assert answer.status_code == 403
    code = {"code": "FORBIDDEN"} if coded else {}
    assert answer.json() == {
        "success": False,
        "error": "Insufficient permissions",
        "required_scope": "agents:write",
        **code,
    }


@pytest.mark.parametrize("path", ["/api/auth/token", "/api/auth/login"])
def test_a_wrong_password(start, path):
    _, client = start("seed")
    for body in (BODY | {"password": "wrong"}, {"username": "mallory", "password": "x"}, {}, []):
        answer = client.post(path, json=body)
        assert answer.status_code == 401
        assert answer.json()["code"] == "INVALID_CREDENTIALS"
        assert not answer.cookies


@pytest.mark.parametrize(
    ("login", "may"),
    [
        ("alice", {"agents:read", "agents:write", "admin"}),
        ("bob", {"agents:read", "agents:write"}),
        ("uma", {"agents:read"}),
        ("victor", {"agents:read"}),
    ],
)
def test_roles(start, login, may):
    _, client = start("seed")
    headers = bearer(token(client, username=login))
    told = client.get("/api/auth/verify", headers=headers).json()["data"]
    assert told["user"]["username"] == login
    for method, path, scope in (
        ("GET", "/api/agents", "agents:read"),
        ("POST", "/api/agents", "agents:write"),
        ("GET", "/api/settings", "admin"),
    ):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == (200 if scope in may else 403), (path, answer.text)


def test_nobody_gets_more_than_their_role(start):
    _, client = start("seed")
    body = {"username": "victor", "password": "x", "scopes": ["agents:write"]}
    answer = client.post("/api/auth/token", json=body)
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "agents:write")
    body["scopes"] = ["everything"]
    assert client.post("/api/auth/token", json=body).status_code == 400


def test_allowed_addresses(start):
    server, client = start("seed")
    value = token(client, allowed_ips=["192.168.1.100"])
    assert client.get("/api/agents", headers=bearer(value)).status_code == 403
    server.change_faults(client_ip="192.168.1.100")
    assert client.get("/api/agents", headers=bearer(value)).status_code == 200


def test_both_shapes_of_a_refresh_and_its_rotation(start):
    server, client = start("seed", rotation=True)
    first = token(client)
    second = client.post("/api/auth/refresh", headers=bearer(first)).json()["data"]["token"]
    again = client.post("/api/auth/refresh", headers=bearer(first))
    assert (again.status_code, again.json()["code"]) == (401, "INVALID_TOKEN")
    assert (server.reuse_detected, server.counters["refreshed"]) == (1, 1)
    server.change_faults(refresh_shape="flat")
    flat = client.post("/api/auth/refresh", headers=bearer(second)).json()
    assert set(flat) == {"success", "token", "expires_at"}
    assert server.accepts(bearer(flat["token"]))


def test_the_rate_limit_is_on_every_answer(start):
    server, client = start("seed", rate_limit=3)
    headers = bearer(token(client))
    answers = [client.get("/api/agents", headers=headers) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["x-ratelimit-remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert {each.headers["x-ratelimit-limit"] for each in answers} == {"3"}
    reset = int(answers[-1].headers["x-ratelimit-reset"])
    assert 0 < reset - server.now() <= 61
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    other = bearer(token(client))
    assert client.get("/api/agents", headers=other).status_code == 200
    server.change_faults(clock_offset=62.0)
    assert client.get("/api/agents", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/auth/me", "/api/v2/auth/providers", "/health"])
def test_what_is_not_there_counts_too(start, path):
    _, client = start("seed")
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["x-ratelimit-limit"] == "100"
