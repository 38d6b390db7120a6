"""FoxNose's unmodified SDK, in its own environment and processes, with accounts of the agent."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from manager.practice.foxnose_server import FoxNoseServer
from tests.hardship.running_agent import RunningAgent
from tests.integrations import foxnose_accounts as accounts
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real
PROGRAM = Path(__file__).with_name("foxnose_program.py")


class Connector:
    """A process with the SDK and the smallest size of ours."""

    def __init__(self, python: Path, agent: RunningAgent, server: FoxNoseServer) -> None:
        self._place = {
            "url": server.url, "flux_url": server.flux_url, "environment": server.environment,
        }  # fmt: skip
        self.process = subprocess.Popen(
            [str(python), "-I", str(PROGRAM)],
            env=agent.environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ask(self, account: str, *, api: str = "flux", how: str, strategy: str = "account") -> None:
        asked = {"account": account, "api": api, "how": how, "strategy": strategy, **self._place}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(asked).encode() + b"\n")
        self.process.stdin.flush()

    def done(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _, said = self.process.communicate(timeout=30)
            raise AssertionError(said.decode())
        return json.loads(line)["done"]

    def memory(self) -> bytes:
        """All that it may write to, and so hold secrets in."""
        found = bytearray()
        maps = Path(f"/proc/{self.process.pid}/maps").read_text().splitlines()
        with Path(f"/proc/{self.process.pid}/mem").open("rb", buffering=0) as content:
            for line in maps:
                span, rights, *_ = line.split()
                if not rights.startswith("rw"):
                    continue
                start, end = (int(each, 16) for each in span.split("-"))
                content.seek(start)
                while start < end:
                    piece = content.read(min(end - start, 1 << 24))
                    found += piece
                    start += len(piece)
        return bytes(found)

    def end(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


@pytest.fixture
def connector(
    agent: RunningAgent, server: FoxNoseServer, sdk_python: Callable[[str], Path]
) -> Iterator[Callable[[], Connector]]:
    made: list[Connector] = []

    def start() -> Connector:
        made.append(Connector(sdk_python("foxnose-sdk"), agent, server))
        return made[-1]

    yield start
    for each in made:
        each.end()


def schemes(server: FoxNoseServer) -> set[str]:
    """How the connector's requests were authorized, all of them accepted."""
    seen = [*server.requests, *server.flux.requests]
    mine = [each for each in seen if "foxnose-sdk" in each.headers.get("user-agent", "")]
    assert mine
    assert all(each.status < 300 for each in mine), [(each.path, each.status) for each in mine]
    return {each.headers["authorization"].partition(" ")[0] for each in mine}


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize("strategy", ["account", "server", "provider", "seed", "seed only"])
def test_the_management_api_with_a_sign_in(agent, server, connector, strategy, how) -> None:
    account, program = accounts.alice(agent, server), connector()
    program.ask(account, api="management", how=how, strategy=strategy)
    assert program.done() == (4 if how == "sync" else 2)
    assert schemes(server) == {"Bearer"}


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize("api", ["flux", "management key"])
@pytest.mark.parametrize(("form", "scheme"), [("simple_key", "Simple"), ("secure_key", "Secure")])
def test_both_apis_with_keys(agent, server, connector, form, scheme, api, how) -> None:
    account, _ = accounts.key(agent, server, form, api.partition(" ")[0])
    program = connector()
    program.ask(account, api=api, how=how)
    assert program.done() >= 2
    assert schemes(server) == {scheme}


@pytest.mark.parametrize("strategy", ["account", "provider", "seed"])
def test_flux_with_a_bearer_token(agent, server, connector, strategy) -> None:
    program = connector()
    program.ask(accounts.bearer(agent, server), how="sync", strategy=strategy)
    assert program.done() == 4
    assert schemes(server) == {"Bearer"}


def test_the_private_key_never_reaches_the_connector(agent, server, connector) -> None:
    account, secret = accounts.key(agent, server, "secure_key", "flux")
    (stored,) = server.keys.listed("flux")
    program = connector()
    program.ask(account, how="sync")
    assert program.done() == 4
    memory = program.memory()
    assert stored.public_key.encode() in memory  # so that a key would have been found
    der = base64.b64decode(secret)
    private = serialization.load_der_private_key(der, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    scalar = private.private_numbers().private_value.to_bytes(32, "big")
    for form in (secret.encode(), der, scalar):
        assert form not in memory
    assert schemes(server) == {"Secure"}


@pytest.mark.whole
def test_twenty_processes_on_a_refused_token_renew_once(agent, server, connector) -> None:
    account = accounts.alice(agent, server)
    programs = [connector() for _ in range(20)]
    server.expire_access_tokens()
    for program in programs:
        program.ask(account, how="again")
    said = [program.done() for program in programs]
    assert "after a refresh" in said
    assert (server.refreshes, server.reuse_detected) == (1, 0)


@pytest.mark.whole
def test_twenty_processes_on_an_expired_token_renew_once(agent, server, connector) -> None:
    server.change_faults(access_lifetime=1)
    account = accounts.alice(agent, server)
    server.change_faults(access_lifetime=86_400)
    agent.stop()
    issued = server.now()
    programs = [connector() for _ in range(20)]
    until(lambda: server.now() > issued + 2, "end of the token")
    agent.start()
    for program in programs:
        program.ask(account, api="key", how="sync")
    assert [program.done() for program in programs] == [2] * 20
    assert (server.refreshes, server.reuse_detected) == (1, 0)
    assert schemes(server) == {"Bearer"}
