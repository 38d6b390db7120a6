"""A connector as the counterpart of the Speckle stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer

CHALLENGE = "challenge-1"


class SpeckleClient:
    def __init__(self, server: SpeckleServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=10, trust_env=False, verify=False)

    def authorize(self, app: str = "sdm", login: str = "alice", query: str = "", **how) -> str:
        url = f"{self.server.url}/authn/verify/{app}/{CHALLENGE}{query}"
        return Person(login, **how).visit(url)

    def code(self, app: str = "sdm", login: str = "alice", query: str = "") -> str:
        arrived = self.authorize(app, login, query)
        return dict(parse_qsl(urlsplit(arrived).query))["access_code"]

    def exchange(self, code: str, app: str = "sdm", **changes) -> httpx.Response:
        body = {"appId": app, "appSecret": app, "accessCode": code, "challenge": CHALLENGE}
        body |= changes
        return self.http.post("/auth/token", json={k: v for k, v in body.items() if v is not None})

    def sign_in(self, app: str = "sdm", login: str = "alice") -> dict:
        answer = self.exchange(self.code(app, login), app)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, token: str, app: str = "sdm", **changes) -> httpx.Response:
        body = {"appId": app, "appSecret": app, "refreshToken": token} | changes
        return self.http.post("/auth/token", json={k: v for k, v in body.items() if v != ""})

    def graphql(self, query: str, token: str = "", /, **variables) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        return self.http.post("/graphql", json=body, headers=headers)

    def web_token(self, login: str = "alice") -> str:
        email = {"email": f"{login}@example.com", "password": "x"}
        answer = self.http.post("/auth/local/login?challenge=w", json=email)
        code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["access_code"]
        return self.exchange(code, "spklwebapp", challenge="w").json()["token"]


@pytest.fixture
def server() -> Iterator[SpeckleServer]:
    with SpeckleServer() as running:
        yield running


@pytest.fixture
def client_of() -> Iterator[Callable[[SpeckleServer], SpeckleClient]]:
    made: list[SpeckleClient] = []

    def make(server: SpeckleServer) -> SpeckleClient:
        made.append(SpeckleClient(server))
        return made[-1]

    yield make
    for each in made:
        each.http.close()


@pytest.fixture
def client(
    server: SpeckleServer, client_of: Callable[[SpeckleServer], SpeckleClient]
) -> SpeckleClient:
    return client_of(server)
