"""Every curl command of the seed document, word for word but for the port and the token."""

from __future__ import annotations

import json
import shlex

import httpx
import pytest

TOKEN = """curl -X POST http://localhost:5000/api/auth/token \\
  -H "Content-Type: application/json" \\
  -d '{
    "username": "your_username",
    "password": "your_password"
  }'"""
AGENTS = """curl -H "Authorization: Bearer YOUR_TOKEN_HERE" \\
  http://localhost:5000/api/agents"""
LOGIN = """curl -X POST http://localhost:5000/api/auth/login \\
  -H "Content-Type: application/json" \\
  -d '{
    "username": "your_username",
    "password": "your_password"
  }' \\
  -c cookies.txt"""
WITH_COOKIES = """curl http://localhost:5000/api/agents \\
  -b cookies.txt"""
VERIFY = """curl -H "Authorization: Bearer YOUR_TOKEN" \\
  http://localhost:5000/api/auth/verify"""
REFRESH = """curl -X POST http://localhost:5000/api/auth/refresh \\
  -H "Authorization: Bearer YOUR_TOKEN\""""
REVOKE = """curl -X DELETE http://localhost:5000/api/auth/token \\
  -H "Authorization: Bearer YOUR_TOKEN\""""
SCOPED = """curl -X POST http://localhost:5000/api/auth/token \\
  -H "Content-Type: application/json" \\
  -d '{
    "username": "your_username",
    "password": "your_password",
    "scopes": ["agents:read", "conversations:write"]
  }'"""
ALLOWED_IPS = """curl -X POST http://localhost:5000/api/auth/token \\
  -H "Content-Type: application/json" \\
  -d '{
    "username": "your_username",
    "password": "your_password",
    "allowed_ips": ["192.168.1.100", "10.0.0.50"]
  }'"""


class Curl:
    """Does what the command says; `-c` and `-b` share one jar."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.cookies: dict[str, str] = {}
        self.token = ""

    def __call__(self, command: str) -> httpx.Response:
        told = command.replace("http://localhost:5000", self._url)
        told = told.replace("your_username", "alice").replace("your_password", "right")
        told = told.replace("YOUR_TOKEN_HERE", self.token).replace("YOUR_TOKEN", self.token)
        words = iter(shlex.split(told.replace("\\\n", " "))[1:])
        method, url, body, headers, keep = "GET", "", None, {}, False
        for word in words:
            match word:
                case "-X":
                    method = next(words)
                case "-H":
                    name, _, value = next(words).partition(": ")
                    headers[name] = value
                case "-d":
                    body = next(words)
                case "-c":
                    keep = bool(next(words))
                case "-b":
                    next(words)
                    headers["Cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
                case _:
                    url = word
        answer = httpx.request(
            method, url, headers=headers, content=body, trust_env=False, verify=False
        )
        if keep:
            self.cookies = dict(answer.cookies)
        return answer


@pytest.fixture
def curl(start) -> Curl:
    server, _ = start("seed")
    return Curl(server.url)


def test_the_document_from_top_to_bottom(curl):
    issued = curl(TOKEN)
    assert issued.status_code == 200
    assert set(issued.json()) == {"success", "data"}
    assert issued.json()["success"] is True
    assert set(issued.json()["data"]) == {"token", "expires_at"}
    assert issued.json()["data"]["token"].startswith("eyJ")
    assert issued.json()["data"]["expires_at"].endswith("Z")
    curl.token = issued.json()["data"]["token"]
    assert curl(AGENTS).status_code == 200
    assert curl(VERIFY).json()["success"] is True
    renewed = curl(REFRESH).json()["data"]["token"]
    assert renewed != curl.token
    curl.token = renewed
    assert curl(AGENTS).status_code == 200
    assert curl(REVOKE).json() == {"success": True}
    assert curl(AGENTS).status_code == 401


def test_the_session_of_the_document(curl):
    assert curl(WITH_COOKIES).status_code == 401
    assert curl(LOGIN).json()["success"] is True
    assert curl(WITH_COOKIES).status_code == 200


def test_the_scoped_token_of_the_document(curl):
    curl.token = curl(SCOPED).json()["data"]["token"]
    assert curl(AGENTS).status_code == 200
    refused = curl(AGENTS.replace("curl ", "curl -X POST ", 1))
    assert refused.status_code == 403
    assert refused.json() == {
        "success": False,
        "error": "Insufficient permissions",
        "code": "FORBIDDEN",
        "required_scope": "agents:write",
    }


def test_the_addresses_of_the_document(curl, start):
    curl.token = curl(ALLOWED_IPS).json()["data"]["token"]
    assert curl(AGENTS).status_code == 403
    assert "required_scope" not in json.loads(curl(AGENTS).content)
