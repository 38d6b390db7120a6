from __future__ import annotations

import os

import pytest

from manager.core.errors import StorageUnavailable
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from tests.agent.in_process import Refused, Running, running_agent

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


async def test_the_system_s_keychain_takes_no_passphrase(running: Running) -> None:
    control = await running.caller(control=True)
    status = await control.call("agent.status")
    assert (status["vault"], status["vault_made"]) == ("system", True)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("agent.unlock", passphrase="a passphrase")
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("agent.change_passphrase", passphrase="a", new_passphrase="b")


async def test_a_file_vault_from_its_making_to_a_new_passphrase(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_agent(monkeypatch, file_vault=True) as running:
        control = await running.caller(control=True)

        async def refused(method: str, **params: object) -> str:
            with pytest.raises(Refused) as failure:
                await control.call(method, **params)
            assert "canary" not in str(failure.value.error)
            return failure.value.kind

        status = await control.call("agent.status")
        assert (status["vault"], status["vault_made"]) == ("file", False)
        assert status["keychain"] == "locked"
        assert await refused("agent.unlock") == "keychain_locked"
        assert await refused("agent.unlock", passphrase="first canary") == "keychain_locked"
        unlocked = await control.call("agent.unlock", passphrase="first canary", make=True)
        assert unlocked == {"keychain": "available"}
        assert (await control.call("agent.status"))["vault_made"] is True
        assert await refused("agent.unlock", passphrase="wrong canary") == "credentials_refused"
        change = {"passphrase": "wrong canary", "new_passphrase": "second canary"}
        assert await refused("agent.change_passphrase", **change) == "credentials_refused"
        change["passphrase"] = "first canary"
        assert await control.call("agent.change_passphrase", **change) == unlocked
        assert await refused("agent.unlock", passphrase="first canary") == "credentials_refused"
        assert await control.call("agent.unlock", passphrase="second canary") == unlocked


async def test_stopping(running: Running) -> None:
    assert await (await running.caller(control=True)).call("agent.stop") == {"stopping": True}
    assert running.stopping.is_set()
