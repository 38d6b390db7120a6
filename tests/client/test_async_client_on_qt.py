"""The asyncio client on the loop of the window."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from manager.client import AsyncClient
from manager.desktop.event_loop import EventLoop

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(qapp: object) -> tuple[str, dict[str, object]]:
    return ("asyncio", {"loop_factory": lambda: EventLoop(qapp)})


async def test_calls_and_events(serve: Callable, wire: object) -> None:
    def answer(peer: object, request: dict) -> None:
        if request["method"] == "events.subscribe":
            peer.result(request, {"topics": request["params"]["topics"]})
            peer.event("account.added", account=wire.account(7))
        else:
            peer.result(request, wire.token())

    serve(answer)
    async with (
        AsyncClient(auto_start=False, timeout=5) as client,
        contextlib.aclosing(client.events(["account.added"])) as events,
    ):
        assert (await client.token()).access_token == "canary-1"
        assert (await anext(events)).account.id == "account-7"
