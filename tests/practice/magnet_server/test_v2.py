"""v2: login, second factor, refresh by cookie, families, precedence, forgery, sessions, keys."""

from __future__ import annotations

import base64
import json

import pytest

BODY = {"email": "alice@example.com", "password": "right"}
AUTH = "/api/v2/auth"


def sign_in(client, email: str = "alice@example.com") -> tuple[str, str]:
    answer = client.post(f"{AUTH}/login", json=BODY | {"email": email})
    client.cookies.clear()
    assert answer.status_code == 201, answer.text
    return answer.json()["access_token"], answer.cookies["refresh_token"]


def refresh(client, value: str, origin: str | None = None):
    headers = {"Cookie": f"refresh_token={value}"} | ({"Origin": origin} if origin else {})
    answer = client.post(f"{AUTH}/refresh", headers=headers)
    client.cookies.clear()
    return answer


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def test_providers(start):
    server, client = start("v2")
    told = client.get(f"{AUTH}/providers").json()
    assert [set(each) for each in told] == [{"name", "type", "displayName"}] * 2
    server.change_faults(local_login=False)
    assert [each["type"] for each in client.get(f"{AUTH}/providers").json()] == ["oidc"]
    assert client.post(f"{AUTH}/login", json=BODY).status_code == 400


def test_login(start):
    server, client = start("v2")
    answer = client.post(f"{AUTH}/login", json=BODY)
    assert set(answer.json()) == {"access_token", "token_type", "user_id", "email"}
    assert answer.json()["token_type"] == "bearer"
    names = [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")]
    assert names == ["token", "refresh_token"]
    part = answer.json()["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["exp"] - claims["iat"] == 900
    assert (claims["iss"], claims["aud"]) == ("magnet-ai", "magnet-ai-api")
    assert claims["extras"]["roles"] == ["admin"]
    assert server.accepts(bearer(answer.json()["access_token"]))


def test_a_wrong_password(start):
    _, client = start("v2")
    answer = client.post(f"{AUTH}/login", json=BODY | {"password": "wrong"})
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid email or password"})


def test_the_second_factor(start):
    server, client = start("v2", mfa=["alice"])
    answer = client.post(f"{AUTH}/login", json=BODY)
    assert answer.json() == {"mfa_required": True, "message": "MFA verification required"}
    (line,) = answer.headers.get_list("set-cookie")
    for part in ("Path=/api/v2/auth/mfa", "Max-Age=300", "Secure", "HttpOnly"):
        assert part in line
    challenge = {"Cookie": line.partition(";")[0]}
    verify = f"{AUTH}/mfa/verify"
    assert client.post(verify, json={"code": "123456"}).json()["error"].startswith("MFA challenge")
    wrong = client.post(verify, json={"code": "000000"}, headers=challenge)
    assert (wrong.status_code, wrong.json()) == (401, {"error": "Invalid MFA code"})
    right = client.post(verify, json={"code": "123456"}, headers=challenge)
    assert set(right.json()) == {"access_token", "token_type", "user_id"}
    server.change_faults(clock_offset=301.0)
    late = client.post(verify, json={"code": "123456"}, headers=challenge)
    assert late.json() == {"error": "Invalid or expired MFA challenge"}
    stray = {"Cookie": f"mfa_challenge={right.json()['access_token']}"}
    assert client.post(verify, json={"code": "123456"}, headers=stray).status_code == 401


def test_a_refresh_needs_the_cookie_and_an_origin(start):
    server, client = start("v2")
    access, value = sign_in(client)
    none = client.post(f"{AUTH}/refresh", headers=bearer(value))
    assert (none.status_code, none.json()) == (401, {"error": "No refresh token provided"})
    bare = refresh(client, value)
    assert bare.status_code == 403
    text = "Missing Origin or Referer header for state-changing request"
    assert bare.json() == {"error": text}
    foreign = refresh(client, value, "https://evil.example")
    assert (foreign.status_code, foreign.json()) == (403, {"error": "Origin not allowed"})
    renewed = refresh(client, value, server.url)
    assert renewed.status_code == 201
    assert set(renewed.json()) == {"access_token", "token_type"}
    assert renewed.cookies["refresh_token"] != value
    assert renewed.json()["access_token"] != access
    headers = {
        "Cookie": f"refresh_token={renewed.cookies['refresh_token']}",
        "Referer": f"{server.url}/admin",
    }
    assert client.post(f"{AUTH}/refresh", headers=headers).status_code == 201


def test_a_rotated_cookie_conflicts_for_five_seconds_then_ends_its_family(start):
    server, client = start("v2")
    _, old = sign_in(client)
    new = refresh(client, old, server.url).cookies["refresh_token"]
    again = refresh(client, old, server.url)
    assert again.status_code == 409
    assert again.headers["retry-after"] == "1"
    assert again.json()["retryable"] is True
    server.change_faults(clock_offset=6.0)
    reused = refresh(client, old, server.url)
    assert (reused.status_code, server.reuse_detected) == (401, 1)
    assert "reuse detected" in reused.json()["error"]
    assert refresh(client, new, server.url).status_code == 401


def test_a_lock_rotates_nothing(start):
    server, client = start("v2", conflicts=1)
    _, value = sign_in(client)
    assert refresh(client, value, server.url).status_code == 409
    assert refresh(client, value, server.url).status_code == 201


def test_an_expired_refresh_token_and_one_that_never_was(start):
    server, client = start("v2")
    _, value = sign_in(client)
    server.change_faults(clock_offset=604_801.0)
    assert refresh(client, value, server.url).json() == {"error": "Refresh token expired"}
    assert refresh(client, "nonsense", server.url).json() == {"error": "Invalid refresh token"}


def test_an_expired_access_token_reads_like_none(start):
    server, client = start("v2")
    access, _ = sign_in(client)
    server.change_faults(clock_offset=901.0)
    for headers in (bearer(access), {}):
        answer = client.get(f"{AUTH}/me", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


def test_precedence(start):
    server, client = start("v2")
    alice, _ = sign_in(client)
    bob, _ = sign_in(client, "bob@example.com")
    key = {"x-api-key": server.v2.new_key("alice", "read:agents")}

    def who(**headers: str) -> str:
        answer = client.get(f"{AUTH}/me", headers=headers)
        return answer.json().get("email") or answer.json().get("preferred_username", "nobody")

    cookie, header = {"Cookie": f"token={alice}"}, bearer(bob)
    assert who(**cookie, **header) == "alice@example.com"
    assert who(**header) == "bob@example.com"
    assert who(**cookie, **header, **key) == "practice"
    assert who(Cookie="token=nonsense", **header) == "bob@example.com"
    assert who(Authorization=f"bearer {bob}") == "nobody"
    assert who(Authorization=f"Bearer {key['x-api-key']}") == "nobody"
    assert who(**{"x-api-key": "nonsense"}, **header) == "nobody"


def test_a_stray_cookie_beside_a_bearer_token(start):
    _, client = start("v2")
    access, value = sign_in(client)
    headers = bearer(access) | {"Cookie": f"refresh_token={value}"}
    assert client.post("/api/admin/agents", headers=headers).status_code == 403
    assert client.post("/api/admin/agents", headers=bearer(access)).status_code == 201
    assert client.get("/api/user/agents", headers=headers).status_code == 200


def test_sessions(start):
    server, client = start("v2")
    access, first = sign_in(client)
    sign_in(client)
    sign_in(client, "bob@example.com")
    listed = client.get(f"{AUTH}/sessions", headers=bearer(access)).json()
    assert len(listed) == 2
    assert set(listed[0]) == {"id", "device_info", "created_at", "expires_at"}
    gone = client.delete(f"{AUTH}/sessions/{listed[-1]['id']}", headers=bearer(access))
    assert gone.json() == {"message": "Session revoked"}
    assert refresh(client, first, server.url).status_code == 401
    unknown = client.delete(f"{AUTH}/sessions/{listed[-1]['id']}", headers=bearer(access))
    assert unknown.status_code == 404
    all_gone = client.delete(f"{AUTH}/sessions", headers=bearer(access))
    assert all_gone.json() == {"message": "Revoked 1 sessions"}
    key = {"x-api-key": server.v2.new_key()}
    assert client.get(f"{AUTH}/sessions", headers=key).status_code == 401


def test_logout_ends_the_family_but_not_the_access_token(start):
    server, client = start("v2")
    access, value = sign_in(client)
    headers = {"Cookie": f"refresh_token={value}", "Origin": server.url}
    answer = client.post(f"{AUTH}/logout", headers=headers)
    assert answer.json() == {"message": "Logged out"}
    client.cookies.clear()
    assert refresh(client, value, server.url).status_code == 401
    assert server.accepts(bearer(access))
    server.revoke_everything()
    assert not server.accepts(bearer(access))


def test_keys_have_scopes(start):
    _, client = start("v2")
    mine = bearer(sign_in(client)[0])
    made = client.post(
        "/api/admin/api_keys/", json={"name": "ci", "scopes": ["read:agents"]}, headers=mine
    )
    key = {"x-api-key": made.json()["api_key"]}
    told = client.get(f"{AUTH}/me", headers=key).json()
    assert (told["preferred_username"], told["scopes"]) == ("ci", ["read:agents"])
    assert client.get("/api/user/agents", headers=key).status_code == 200
    refused = client.post("/api/admin/agents", headers=key)
    assert refused.status_code == 403
    assert refused.json() == {"error": "Missing permission(s): write:agents"}
    path = f"/api/admin/api_keys/{made.json()['id']}"
    client.patch(path, json={"is_active": False}, headers=mine)
    inactive = client.get(f"{AUTH}/me", headers=key)
    assert (inactive.status_code, inactive.json()) == (401, {"error": "API key is inactive"})
    assert client.delete(path, headers=mine).status_code == 204
    bob = bearer(sign_in(client, "bob@example.com")[0])
    assert client.get("/api/admin/api_keys/", headers=bob).status_code == 403


@pytest.mark.parametrize("path", ["login", "mfa/verify"])
def test_the_eleventh_try_is_too_many(start, path):
    server, client = start("v2", rate_limits=True)
    answers = [client.post(f"{AUTH}/{path}", json={}) for _ in range(11)]
    assert [each.status_code for each in answers] == [401] * 10 + [429]
    assert answers[-1].json() == {"error": "Too many requests. Please try again later."}
    server.change_faults(clock_offset=61.0 if path == "login" else 301.0)
    assert client.post(f"{AUTH}/{path}", json={}).status_code == 401
