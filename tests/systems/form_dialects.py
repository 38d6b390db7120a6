"""Systems where a person types a password or pastes a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

from .dialect import Dialect

PASSWORD = "a password that nobody keeps"


class ByForm(Dialect):
    """`form`: its id; `typed` and `mistyped`: by field name."""

    form: ClassVar[str]

    def begin(self) -> Mapping[str, Any]:
        return {"server": self.server.url, "method": "form", "form": self.form}

    def typed(self) -> Mapping[str, str]:
        raise NotImplementedError

    def mistyped(self) -> Mapping[str, str]:
        return {**self.typed(), "password": "wrong"}

    def second_step(self) -> Mapping[str, str]:
        """What is typed where the server asks for more."""
        raise AssertionError("nobody expected a second form")

    def sign_in(self, agent: RunningAgent) -> dict[str, Any]:
        begun = agent.call("sign_in.begin", **self.begin())["sign_in"]
        done = agent.call("sign_in.submit", sign_in=begun, fields=dict(self.typed()))
        if done.get("account") is None:
            fields = dict(self.second_step())
            done = agent.call("sign_in.submit", sign_in=begun, fields=fields)
        account: dict[str, Any] = done["account"]
        return account

    def sign_in_wrongly(self, agent: RunningAgent) -> Refused:
        begun = agent.call("sign_in.begin", **self.begin())["sign_in"]
        refusal = agent.refusal("sign_in.submit", sign_in=begun, fields=dict(self.mistyped()))
        assert agent.call("sign_in.cancel", sign_in=begun)["cancelled"] is True
        return refusal
