"""A native app as the counterpart of the practice servers, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person

REDIRECT_URI = "io.github.account-manager:/callback"


class NativeApp:
    def __init__(self, server: AuthorizationServer) -> None:
        self.server = server
        self.verifier = secrets.token_urlsafe(32)
        self.http = httpx.Client(base_url=server.issuer, timeout=10, trust_env=False, verify=False)

    def authorization_url(self, **changes: Any) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": "account-manager",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        } | changes
        kept = {name: value for name, value in asked.items() if value is not None}
        return f"{self.server.issuer}/authorize?{urlencode(kept)}"

    def authorize(self, login: str = "alice", *, allow: bool = True, **changes: Any) -> dict:
        """The parameters that came back to the redirect URI."""
        arrived = Person(login, allow=allow).visit(self.authorization_url(**changes))
        return dict(parse_qsl(urlsplit(arrived).query))

    def token(self, grant_type: str, **form: str) -> httpx.Response:
        body = {"grant_type": grant_type, "client_id": "account-manager"} | form
        return self.http.post("/token", data=body)

    def exchange(self, code: str, **changes: str) -> httpx.Response:
        form = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": self.verifier}
        return self.token("authorization_code", **(form | changes))

    def sign_in(self, login: str = "alice", **changes: Any) -> dict:
        answer = self.exchange(self.authorize(login, **changes)["code"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, refresh_token: str, **changes: str) -> httpx.Response:
        return self.token("refresh_token", refresh_token=refresh_token, **changes)

    def userinfo(self, access_token: str) -> httpx.Response:
        return self.http.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


@pytest.fixture
def native_app() -> Iterator[Callable[[AuthorizationServer], NativeApp]]:
    apps: list[NativeApp] = []

    def make(server: AuthorizationServer) -> NativeApp:
        apps.append(NativeApp(server))
        return apps[-1]

    yield make
    for each in apps:
        each.http.close()


@pytest.fixture
def app(server: AuthorizationServer, native_app: Callable[..., NativeApp]) -> NativeApp:
    return native_app(server)
