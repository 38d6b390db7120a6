"""Malformed frames: in process, against every handler's params, and over the real socket."""

from __future__ import annotations

import contextlib
import json
import random
import threading
from typing import Any

import pytest

from manager.client.protocol.messages import KINDS, METHODS
from manager.core.connector import Connector
from manager.ipc.dispatcher import Dispatcher
from manager.ipc.session import Session
from tests.hardship.conftest import Standing
from tests.hardship.frames import frames
from tests.hardship.wire import Wire

CODES = {kind: code for kind, code in KINDS.items()}  # noqa: C416


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    long = [pytest.mark.whole, pytest.mark.timeout(7200)]
    short, whole, soak = {
        "in_process": (20_000, 1_000_000, 10_000_000),
        "over_the_socket": (4_000, 100_000, 1_000_000),
    }[metafunc.definition.name.removeprefix("test_malformed_frames_")]
    if metafunc.config.getoption("--soak"):
        metafunc.parametrize("number", [pytest.param(soak, marks=long)])
    else:
        metafunc.parametrize("number", [short, pytest.param(whole, marks=long)])


def test_malformed_frames_in_process(number: int, request: pytest.FixtureRequest) -> None:
    """The dispatcher with the real params types: an answer that is JSON and has a known kind, or
    silence for what has no id; never an exception."""
    chance = random.Random(request.config.getoption("--seed"))

    def taken(session: Session, params: Any) -> dict[str, Any]:
        return {}

    async def ready() -> None:
        return None

    dispatcher = Dispatcher(
        dict.fromkeys(METHODS, taken), control=True, ready=lambda: True, make_ready=ready
    )
    session = Session("s", True, 1, 1, lambda method, params: None, Connector("fuzz"))
    answered = 0
    for _ in range(number):
        line = frames(chance, "an account")
        answer = dispatcher.answer(session, line)
        if answer is None:
            continue
        answered += 1
        assert isinstance(answer, bytes), line
        read = json.loads(answer)
        assert answer.endswith(b"\n"), line
        assert b"\n" not in answer[:-1], line
        if "error" in read:
            error = read["error"]
            assert error["code"] == CODES[error["data"]["kind"]], line
            assert error["data"]["kind"] in ("parse_error", "invalid_request", "unknown_method")
    assert answered > number / 3


def test_malformed_frames_over_the_socket(
    number: int, standing: Standing, request: pytest.FixtureRequest
) -> None:
    """Both sockets, pipelined; another connector is served all the while."""
    seed = request.config.getoption("--seed")
    print(f"seed {seed}, {number} frames")
    descriptors = len(standing.agent.descriptors())
    sender = threading.Thread(target=_send, args=(standing, random.Random(seed), number))
    sender.start()
    served = 0
    with standing.agent.connect() as connector:
        while sender.is_alive():
            assert connector.call("token.get", account=standing.account)["access_token"]
            served += 1
        sender.join()
    assert served > 10
    account = standing.agent.call("accounts.get", account=standing.account)
    assert (account["state"], account["id"]) == ("signed_in", standing.account)
    output = standing.agent.output.read_text()
    assert "Traceback" not in output
    assert "failed" not in output, "a handler fell over"
    assert len(standing.agent.descriptors()) <= descriptors + 2


def _send(standing: Standing, chance: random.Random, number: int) -> None:
    sent = 0
    while sent < number:
        with standing.agent.connect(control=chance.random() < 0.5) as wire:
            # Now and then in a bad place: in the middle of a line, or without reading the answers.
            for _ in range(20):
                batch = [frames(chance, standing.account) for _ in range(50)]
                sent += len(batch)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    wire.send(b"\n".join(batch) + b"\n")
                    _drain(wire)
            if chance.random() < 0.3:
                wire.send(b'{"id":1,"method":"acc')


def _drain(wire: Wire) -> None:
    """Until the answer to a last, honest request comes."""
    wire.send(b'{"id":"last","method":"accounts.list"}\n')
    while b'"last"' not in wire.line():
        continue
