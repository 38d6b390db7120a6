"""Systems that a person signs in to with a code on another device."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

from .browser_dialects import OpenIdConnect
from .dialect import Dialect


class ByDevice(Dialect):
    wrong_kind = "sign_in_denied"

    def confirm(self, begun: Mapping[str, Any], *, allow: bool = True) -> None:
        """The person opens the address and enters the code."""
        address = begun.get("verification_uri_complete") or begun["verification_uri"]
        Person(allow=allow).confirm(address)

    def sign_in(self, agent: RunningAgent) -> dict[str, Any]:
        begun = agent.call("sign_in.begin", **self.begin())
        self.confirm(begun)
        account: dict[str, Any] = agent.call("sign_in.wait", sign_in=begun["sign_in"])["account"]
        return account

    def sign_in_wrongly(self, agent: RunningAgent) -> Refused:
        begun = agent.call("sign_in.begin", **self.begin())
        # Whoever waits is told, and so is who comes late.
        refusing = threading.Thread(target=self.confirm, args=(begun,), kwargs={"allow": False})
        refusing.start()
        try:
            return agent.refusal("sign_in.wait", sign_in=begun["sign_in"])
        finally:
            refusing.join()


class OpenIdConnectDevice(ByDevice, OpenIdConnect):
    name = "oidc device code"

    @contextmanager
    def running(self) -> Iterator[None]:
        with AuthorizationServer(interval=0.1) as self._server:
            yield

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "client_id": "account-manager", "method": "device"}
