"""A process with specklepy and the smallest size of ours, and accounts for it."""

from __future__ import annotations

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

PROGRAM = Path(__file__).with_name("specklepy_program.py")


class Connector:
    """Answers as `specklepy_program` says."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(python), "-I", str(PROGRAM)],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ask(self, do: str, source: str, **more: str) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"do": do, "source": source, **more})
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def done(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, said = self._process.communicate(timeout=30)
            raise AssertionError(said.decode())
        return json.loads(line)["done"]

    def of(self, do: str, source: str, **more: str) -> Any:
        self.ask(do, source, **more)
        return self.done()

    def end(self) -> None:
        self._process.communicate(timeout=30)


def signed_in(agent: RunningAgent, server: SpeckleServer, login: str = "alice") -> dict[str, Any]:
    begun = agent.call("sign_in.begin", server=server.url, redirect="scheme")
    answer = Person(login).visit(begun["authorization_url"])
    account: dict[str, Any] = agent.call("sign_in.complete", uri=answer)["account"]
    return account


def refused(agent: RunningAgent, account: str) -> str | None:
    """What the agent has instead, once a connector says that the server refused the token; None
    where it has nothing."""
    rejected = agent.token(account)["access_token"]
    with agent.connect() as wire:
        try:
            fresh = wire.call(
                "token.refresh", account=account, rejected=sha256(rejected.encode()).hexdigest()
            )
        except Refused:
            return None
    token: str = fresh["access_token"]
    return token
