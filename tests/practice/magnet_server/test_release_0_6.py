"""0.6: keys in `x-api-key`, never as a bearer token; cookies of the web page; `{"error"}`."""

from __future__ import annotations

import pytest


def key(value: str) -> dict[str, str]:
    return {"x-api-key": value}


def test_who_a_key_is(start):
    server, client = start("0.6")
    value = server.release_0_6.new_key(name="nightly")
    told = client.get("/auth/me", headers=key(value)).json()
    assert told["user_id"] == "api_key:nightly"
    assert told["roles"] == ["admin"]
    headers = key(value) | {"x-user-id": "u7"}
    assert client.get("/auth/me", headers=headers).json()["user_id"] == "api_key:nightly:u7"


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "Unauthorized"),
        ({"x-api-key": "nonsense"}, "Deprecated API key not found"),
        ({"Cookie": "token=nonsense"}, "Unauthorized"),
    ],
)
def test_refusals(start, headers, detail):
    _, client = start("0.6")
    answer = client.get("/auth/me", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": detail})


def test_a_bearer_token_is_not_accepted(start):
    server, client = start("0.6")
    for value in (server.release_0_6.new_key(), server.release_0_6.new_id_token()):
        headers = {"Authorization": f"Bearer {value}"}
        assert client.get("/api/user/agents", headers=headers).status_code == 401


def test_keys_are_shown_once(start):
    server, client = start("0.6")
    mine = key(server.release_0_6.new_key())
    made = client.post("/api/admin/api_keys/", json={"name": "ci"}, headers=mine)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "api_key"}
    listed = client.get("/api/admin/api_keys/", headers=mine)
    assert made.json()["api_key"] not in listed.text
    entry = next(each for each in listed.json() if each["name"] == "ci")
    assert entry["value_masked"] == "..." + made.json()["api_key"][-4:]
    assert server.accepts(key(made.json()["api_key"]))
    gone = client.delete(f"/api/admin/api_keys/{entry['id']}", headers=mine)
    assert (gone.status_code, gone.content) == (204, b"")
    assert not server.accepts(key(made.json()["api_key"]))
    assert client.delete(f"/api/admin/api_keys/{entry['id']}", headers=mine).status_code == 404


def test_the_cookies_of_the_web_page(start):
    server, client = start("0.6")
    body = {"token": server.release_0_6.new_id_token("bob"), "refreshToken": "r"}
    answer = client.post("/auth/complete", json=body)
    lines = answer.headers.get_list("set-cookie")
    assert [line.partition("=")[0] for line in lines] == ["token", "refresh_token"]
    cookie = {"Cookie": f"token={body['token']}"}
    assert client.get("/auth/me", headers=cookie).json()["email"] == "bob@example.com"
    assert client.get("/api/user/agents", headers=cookie).status_code == 200
    assert client.get("/api/admin/api_keys/", headers=cookie).status_code == 403
    assert client.post("/auth/complete", json={"token": "nonsense"}).status_code == 401
    assert client.post("/auth/logout").headers.get_list("set-cookie")[0].startswith("token=;")


def test_the_rest(start):
    _, client = start("0.6")
    assert client.get("/health").json() == {}
    assert "response_type=code" in client.get("/auth/login").headers["location"]
    for path in ("/api/agents", "/api/auth/verify", "/api/v2/auth/providers"):
        assert client.get(path).status_code == 404
