"""Systems that a person signs in to through the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from manager.practice.practice_server import PracticeServer
from manager.practice.speckle_server import Application, SpeckleServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

from .dialect import Dialect, graphql_serves


class ByBrowser(Dialect):
    wrong_kind = "sign_in_denied"

    def sign_in(self, agent: RunningAgent) -> dict[str, Any]:
        begun = agent.call("sign_in.begin", **self.begin())
        answer = self.visit(begun["authorization_url"])
        account: dict[str, Any] = agent.call("sign_in.complete", uri=answer)["account"]
        return account

    def sign_in_wrongly(self, agent: RunningAgent) -> Refused:
        begun = agent.call("sign_in.begin", **self.begin())
        answer = self.visit(begun["authorization_url"], allow=False)
        return agent.refusal("sign_in.complete", uri=answer)

    def visit(self, url: str, *, allow: bool = True) -> str:
        return Person(allow=allow).visit(url)


class OpenIdConnect(ByBrowser):
    name = "oidc browser"
    provider = "oidc"
    asks_each_time = False
    ages_by = 7200.0

    @contextmanager
    def running(self) -> Iterator[None]:
        with AuthorizationServer() as self._server:
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "client_id": "account-manager", "redirect": "paste"}

    def resource(self) -> tuple[str, str]:
        return "GET", f"{self.server.url}/userinfo"

    def refreshes(self) -> int:
        return self._server.token_requests("refresh_token")


class OpenIdConnectRegistered(OpenIdConnect):
    """Nobody has a client id: the program registers itself (RFC 7591)."""

    name = "oidc browser, dynamic registration"

    @contextmanager
    def running(self) -> Iterator[None]:
        with AuthorizationServer(registration=True) as self._server:
            yield

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "redirect": "paste"}


class SpecklePlain(ByBrowser):
    name = "speckle browser, plain challenge"
    provider = "speckle"
    faults: ClassVar[Mapping[str, Any]] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        asks = Application(
            "sdm", "Speckle Desktop Manager", "speckle://account", trust_by_default=False
        )
        with SpeckleServer(applications=[asks]) as self._server:
            self._server.change_faults(**self.faults)
            yield

    @property
    def server(self) -> PracticeServer[Any]:
        return self._server

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "redirect": "scheme"}

    def resource(self) -> tuple[str, str]:
        return "POST", f"{self.server.url}/graphql"

    def serves(self, headers: Mapping[str, str], body: bytes | None = None) -> bool:
        return graphql_serves(f"{self.server.url}/graphql", headers)

    def refreshes(self) -> int:
        return sum(
            1
            for each in self._server.requests
            if each.endpoint == "token" and b"refreshToken" in each.body
        )


class SpeckleS256(SpecklePlain):
    name = "speckle browser, S256"
    faults: ClassVar[Mapping[str, Any]] = {"s256": True}
