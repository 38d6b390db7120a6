from __future__ import annotations

import os

import pytest

from manager.core.errors import StorageUnavailable
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from tests.agent.in_process import Refused, Running

pytestmark = pytest.mark.anyio


async def test_status(running: Running, server: AuthorizationServer) -> None:
    await running.signed_in(server)
    await running.caller()
    status = await (await running.caller(control=True)).call("agent.status")
    assert (status["pid"], status["consent"], status["keychain"]) == (
        os.getpid(), "allow", "available",
    )  # fmt: skip
    assert (status["accounts"], status["attention"], status["connections"]) == (1, 0, 1)
    assert status["storage"] == "available"


async def test_a_disk_that_cannot_be_read(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise StorageUnavailable("The disk is broken.")

    monkeypatch.setattr(running.agent.accounts, "load", broken)
    control = await running.caller(control=True)
    assert (await control.call("agent.status"))["storage"] == "The disk is broken."
    # What needs the accounts says why it cannot go on; what does not, goes on.
    assert (await control.call("servers.list"))["servers"]


async def test_unlocking(running: Running) -> None:
    running.memory.trouble = Trouble.LOCKED
    control = await running.caller(control=True)
    assert (await control.call("agent.status"))["keychain"] == "locked"
    running.memory.dismisses_prompt = True
    with pytest.raises(Refused, match="keychain_unavailable"):
        await control.call("agent.unlock")
    running.memory.dismisses_prompt = False
    assert await control.call("agent.unlock") == {"keychain": "available"}


async def test_stopping(running: Running) -> None:
    assert await (await running.caller(control=True)).call("agent.stop") == {"stopping": True}
    assert running.stopping.is_set()
