"""A program and a person as the counterpart of the Mesh stand-in, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from manager.practice.mesh_server import MeshServer
from manager.practice.person import Person

REDIRECT = "http://localhost:8000/callback"
SCOPE = "openid profile email offline_access"


@dataclass
class Program:
    server: MeshServer
    http: httpx.Client

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def tenant(self, path: str, **form: str) -> httpx.Response:
        return self.http.post(f"{self.server.tenant.url}{path}", data=form)

    def auth_url(self) -> str:
        asked = {"redirect_uri": REDIRECT, "scope": SCOPE, "state": "mesh_auth_1_2345"}
        return self.post("/auth/get-auth-url", **asked).json()["auth_url"]

    def come_back(self, person: Person | None = None) -> dict[str, str]:
        back = (person or Person()).visit(self.auth_url())
        assert back.startswith(f"{REDIRECT}?")
        return dict(parse_qsl(urlsplit(back).query))

    def sign_in(self) -> dict[str, Any]:
        code = self.come_back()["code"]
        answer = self.post("/auth/exchange-token", code=code, redirect_uri=REDIRECT)
        assert answer.status_code == 200
        return answer.json()

    def refresh(self, token: str, client_type: str = "web") -> httpx.Response:
        return self.post("/auth/refresh-token", refresh_token=token, client_type=client_type)

    def get(self, path: str, token: str) -> httpx.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"})


def confirm(url: str, *, allow: bool = True) -> None:
    """Type the code and log in."""
    Person(allow=allow).confirm(url)


@pytest.fixture
def server() -> Iterator[MeshServer]:
    with MeshServer() as started:
        yield started


@pytest.fixture
def program(server: MeshServer) -> Iterator[Program]:
    with httpx.Client(base_url=server.url, trust_env=False, verify=False) as http:
        yield Program(server, http)
