"""Canaries in every secret of every journey: none is found where no secret may be."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import pytest

from manager.practice.authorization_server.client_registry import CONFIDENTIAL
from manager.practice.http_message import HttpReply, HttpRequest
from manager.practice.person import Person
from manager.practice.practice_server import Route
from tests.hardship.rotation_log import RotatingServer
from tests.hardship.running_agent import CLIENT, RunningAgent, is_root
from tests.hardship.wire import Refused, frame

SECRET_FIELDS = ("code", "code_verifier", "refresh_token", "client_secret", "token")


class ListeningServer(RotatingServer):
    """Keeps every secret that passes it, in either direction."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def process(self, request: HttpRequest, route: Route | None) -> HttpReply:
        reply = super().process(request, route)
        self.secrets |= {request.form[name] for name in SECRET_FIELDS if request.form.get(name)}
        for issued in tuple(self.tokens.issued):
            self.secrets.add(issued)
        if b'"id_token"' in reply.body:
            self.secrets.add(reply.body.split(b'"id_token": "')[1].split(b'"')[0].decode())
        return reply


class Watch:
    """Samples the command line and environment of every process while it is entered."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.02):
            for entry in Path("/proc").iterdir():
                if not entry.name.isdigit() or int(entry.name) == os.getpid():
                    continue
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        self.seen.add((entry / name).read_bytes())


@pytest.fixture
def server() -> Iterator[ListeningServer]:
    with ListeningServer() as server:
        yield server


def refused(agent: RunningAgent, method: str, **params: object) -> str:
    try:
        agent.call(method, **params)
    except Refused as error:
        return f"{error.kind} {error.message} {error.hint}"
    raise AssertionError(f"{method} was answered")


def test_no_canary_is_found(agent: RunningAgent, server: ListeningServer) -> None:
    said: list[str] = []
    secret_client, secret = CONFIDENTIAL.client_id, CONFIDENTIAL.client_secret
    with Watch() as watch:
        begun = agent.call("sign_in.begin", server=server.url, **CLIENT)
        answer = Person("alice").visit(begun["authorization_url"])
        query = parse_qs(urlsplit(answer).query)
        server.secrets |= {query["code"][0], query["state"][0]}
        said.append(refused(agent, "sign_in.complete", uri=answer + "&code=twice"))
        server.change_faults(id_token="wrong_nonce")
        said.append(refused(agent, "sign_in.complete", uri=answer))
        server.change_faults(id_token="")
        said.append(str(agent.call("sign_in.list")).replace(query["state"][0], ""))
        account = agent.sign_in(server, "bob", client_id=secret_client, client_secret=secret)["id"]
        keys = agent.keys_of(account).items.values()
        said.append(str(agent.call("accounts.list")))
        for fault in (
            {"unavailable": {"token": 500}},
            {"lost_answers": 2, "grace": 60},
            {"token_type": "odd"},
            {"captive_portal": "page"},
            {"refuse_refresh": "out_of_cheese"},
        ):
            server.change_faults(**fault)
            said.append(_forced(agent, account))
            agent.kill()  # one forced refresh in 10 s a life
            agent.start()
            server.change_faults(
                unavailable={}, lost_answers=0, token_type="Bearer", captive_portal="",
                refuse_refresh="",
            )  # fmt: skip
        said.append(_forced(agent, account))
        with agent.connect(control=True) as wire:  # broken requests that hold secrets
            for known in tuple(server.secrets)[:20]:
                for line in (
                    frame("token.get", account=[known]),
                    frame("token.get", account=known),
                    frame("token.refresh", account=account, rejected=known),
                    frame("sign_in.complete", uri=f"x:{known}"),
                    b'{"id":1,"method":"token.get","params":{"account":"' + known.encode() + b"\n",
                ):
                    wire.send(line)
                    said.append(wire.line().decode())
        told = agent.command("token", account)
        assert server.accepts(told.stdout.strip())
        said += [told.stderr, agent.command("accounts").stdout, agent.command("status").stdout]
        agent.call("accounts.remove", account=account, revoke=True)
        assert agent.stop() == 0
    server.secrets |= {secret, *(json.loads(text)["key"] for text in keys)}
    canaries = {each.encode() for each in server.secrets if len(each) >= 12}
    canaries |= {hashlib.sha256(each).hexdigest().encode() for each in canaries}
    assert len(canaries) > 20
    sinks = {
        "what the agent printed": agent.output.read_bytes(),
        "what front doors and errors said": "\n".join(said).encode(),
        "command lines and environments": b"\0".join(watch.seen),
    }
    for path in agent.home.rglob("*"):
        if path.is_file():
            sinks[str(path.relative_to(agent.home))] = path.read_bytes()
    assert "state/agent.log" in sinks
    assert "data/accounts.db" in sinks
    found = {name for name, text in sinks.items() if any(each in text for each in canaries)}
    assert found == set()


def _forced(agent: RunningAgent, account: str) -> str:
    """What a forced refresh says where it fails."""
    with agent.connect() as connector:
        token = connector.call("token.get", account=account, min_valid=0)["access_token"]
        rejected = hashlib.sha256(token.encode()).hexdigest()
        try:
            connector.call("token.refresh", account=account, rejected=rejected)
        except Refused as error:
            return f"{error.kind} {error.message} {error.hint}"
    return ""


@pytest.mark.skipif(not is_root(), reason="the agent's memory is closed to its own user")
def test_the_database_holds_no_canary_while_the_agent_runs(
    agent: RunningAgent, server: ListeningServer
) -> None:
    account = agent.sign_in(server)["id"]
    _forced(agent, account)
    files = [path for path in (agent.home / "data").iterdir() if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in server.secrets), path.name
