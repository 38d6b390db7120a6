"""A handler that crashes is answered, and nobody learns what its error quoted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import pytest

from manager.core.errors import ProviderError
from manager.ipc.dispatcher import Dispatcher, Handler
from manager.ipc.session import Session

from .conftest import frame

pytestmark = pytest.mark.anyio
CANARY = "c4n4ry"


def crash(session: Session, params: Any) -> dict[str, Any]:
    code = CANARY
    try:
        raise KeyError(code)
    except KeyError as cause:
        raise RuntimeError(f"the server said {code}") from cause


async def crash_later(session: Session, params: Any) -> dict[str, Any]:
    return crash(session, params)


async def crash_in_time(session: Session, params: Any) -> dict[str, Any]:
    raise TimeoutError(CANARY)


async def refuse(session: Session, params: Any) -> dict[str, Any]:
    try:
        raise ValueError(CANARY)
    except ValueError:
        raise ProviderError("The server spoke nonsense.") from None


def unanswerable(session: Session, params: Any) -> dict[str, Any]:
    return {"account": "\ud800"}


async def answered(handler: Handler, line: bytes, *, ready: bool = True, hello: bool = True) -> Any:
    async def make_ready() -> None:
        return None

    dispatcher = Dispatcher(
        {"hello": handler, "accounts.get": handler},
        control=True,
        ready=lambda: ready,
        make_ready=make_ready,
    )
    session = Session("s", control=True, pid=None, uid=0, notify=lambda *_: None)
    if hello:
        session.connector = Any  # type: ignore[assignment]  # whoever
    answer = dispatcher.answer(session, line)
    return await answer if isawaitable(answer) else answer


@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize("handler", [crash, crash_later, crash_in_time])
async def test_a_crash_tells_its_type_alone(
    handler: Handler,
    ready: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    line = await answered(handler, frame("accounts.get", account=CANARY), ready=ready)
    assert json.loads(line)["error"]["data"]["kind"] == "internal_error"
    (record,) = [each for each in caplog.records if each.name.startswith("manager")]
    assert record.exc_info is None
    assert record.getMessage().startswith("accounts.get failed: ")
    assert CANARY not in line.decode() + caplog.text + "".join(capfd.readouterr())


async def test_a_refusal_is_told_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line = await answered(refuse, frame("accounts.get", account="a"))
    error = json.loads(line)["error"]
    assert error["message"] == "The server spoke nonsense."
    assert CANARY not in line.decode() + caplog.text


@pytest.mark.parametrize(
    "line",
    [
        CANARY.encode() + b"\n",
        b'{"id": 1, "method": "accounts.get", "params": {"account": ["' + CANARY.encode() + b'"]}}',
        b'{"id": 1, "method": ["' + CANARY.encode() + b'"]}\n',
        b'{"id": 1, "method": "accounts.get", "params": {"account": "' + CANARY.encode() + b"\xff",
        b'{"id": 1, "method": "accounts.get", "params": "' + CANARY.encode() + b'"}\n',
    ],
)
async def test_what_cannot_be_read_is_not_quoted(
    line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await answered(crash, line)
    assert "error" in json.loads(answer)
    assert CANARY not in answer.decode() + caplog.text


async def test_a_notification_is_not_even_run() -> None:
    ran: list[Callable[..., Any]] = []

    def handler(session: Session, params: Any) -> dict[str, Any]:
        ran.append(handler)
        return {}

    assert await answered(handler, b'{"method": "accounts.get", "params": {}}\n') is None
    assert ran == []


async def test_hello_comes_first() -> None:
    line = await answered(crash, frame("accounts.get", account="a"), hello=False)
    assert json.loads(line)["error"]["data"]["kind"] == "invalid_request"


async def test_an_answer_that_json_cannot_hold_is_a_crash_too() -> None:
    line = await answered(unanswerable, frame("accounts.get", account="a"))
    assert json.loads(line)["error"]["data"]["kind"] == "internal_error"
