"""Accounts that the person shows to other programs: in step with every change, and gone at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import MemoryStore, Trouble
from manager.services import showing
from tests.agent.in_process import Caller, Refused
from tests.services.bench import until
from tests.workshop.server import WorkshopServer
from tests.workshop.stage import Stage, open_stage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def control(stage: Stage) -> Caller:
    return await stage.running.caller(control=True)


def shown(stage: Stage) -> list[dict[str, Any]]:
    """What the other programs read."""
    path = stage.home / ".workshop-shown.json"
    return json.loads(path.read_text()) if path.exists() else []


def tokens(stage: Stage) -> list[str]:
    return [each["token"] for each in shown(stage)]


def showing_token(stage: Stage, of: Callable[[str], bool]) -> Callable[[], bool]:
    return lambda: len(tokens(stage)) == 1 and of(tokens(stage)[0])


async def test_nothing_is_shown_that_nobody_chose(stage: Stage, control: Caller) -> None:
    first, _ = await stage.key(1), await stage.key(2)
    answer = await control.call("accounts.set_export", account=first.id, exported=True)
    assert answer["account"]["exported"] is True
    assert answer["warning"] == stage.provider.export_warning
    assert tokens(stage) == [stage.server.keys["k1"].secret]
    again = await control.call("accounts.set_export", account=first.id, exported=True)
    assert again["account"]["exported"] is True
    off = await control.call("accounts.set_export", account=first.id, exported=False)
    assert off["account"]["exported"] is False
    assert shown(stage) == []


async def test_every_renewal_reaches_the_other_programs(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    await control.call("accounts.set_export", account=account.id, exported=True)
    (before,) = tokens(stage)
    token = await control.call("token.refresh", account=account.id, rejected="0" * 64)
    assert token["access_token"] == before  # nothing was refused
    stage.server.access.clear()
    await control.call("accounts.verify", account=account.id)
    await until(showing_token(stage, lambda token: token in stage.server.access))


async def test_a_token_never_waits_for_the_file(
    stage: Stage, control: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_PAUSES", (0.02,))
    account = await stage.session()
    await control.call("accounts.set_export", account=account.id, exported=True)
    stage.provider.disk_full = True
    stage.server.access.clear()
    await control.call("accounts.verify", account=account.id)
    token = await control.call("token.get", account=account.id)
    assert token["access_token"] in stage.server.access
    failed = stage.provider.exports
    await until(lambda: stage.provider.exports > failed + 1)  # tried again by itself
    assert tokens(stage) != [token["access_token"]]
    stage.provider.disk_full = False
    await until(lambda: tokens(stage) == [token["access_token"]])


async def test_the_persons_default_is_marked(stage: Stage, control: Caller) -> None:
    first, second = await stage.key(1), await stage.key(2)  # the first one is the default
    for account in (first, second):
        await control.call("accounts.set_export", account=account.id, exported=True)
    assert [each["default"] for each in shown(stage)] == [True, False]
    await control.call("accounts.set_default", **{"account": second.id, "for": "overall"})
    await until(lambda: [each["default"] for each in shown(stage)] == [False, True])


async def test_signing_out_removes_it_at_once(stage: Stage, control: Caller) -> None:
    first, second = await stage.key(1), await stage.key(2)
    for account in (first, second):
        await control.call("accounts.set_export", account=account.id, exported=True)
    await control.call("accounts.remove", account=first.id)
    await until(lambda: tokens(stage) == [stage.server.keys["k2"].secret])


async def test_a_dead_token_is_not_shown(stage: Stage, control: Caller) -> None:
    account = await stage.key()
    await control.call("accounts.set_export", account=account.id, exported=True)
    stage.server.keys.clear()
    verdict = await control.call("accounts.verify", account=account.id)
    assert verdict["verdict"] == "signed_out"
    await until(lambda: shown(stage) == [])


async def test_what_cannot_be_shown_is_not_marked_as_shown(
    stage: Stage, control: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "_PAUSES", (0.02,))
    account = await stage.key()
    stage.provider.disk_full = True
    with pytest.raises(Refused, match="storage_unavailable"):
        await control.call("accounts.set_export", account=account.id, exported=True)
    assert (await control.call("accounts.get", account=account.id))["exported"] is False
    stage.provider.disk_full = False
    exports = stage.provider.exports
    await until(lambda: stage.provider.exports > exports)
    assert shown(stage) == []


async def test_a_refresh_under_way_is_not_lost(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    stage.server.access.clear()
    other = await stage.running.caller(control=True)
    async with asyncio.TaskGroup() as both:
        both.create_task(control.call("accounts.verify", account=account.id))
        both.create_task(other.call("accounts.set_export", account=account.id, exported=True))
    await until(showing_token(stage, lambda token: token in stage.server.access))
    assert stage.server.requests.count("POST /refresh") == 1
    assert (await control.call("accounts.get", account=account.id))["state"] == "signed_in"


async def test_kinds_of_server_without_such_programs_refuse(
    stage: Stage, control: Caller, server: AuthorizationServer
) -> None:
    account = await stage.running.signed_in(server)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("accounts.set_export", account=account["id"], exported=True)
    assert (await control.call("accounts.get", account=account["id"]))["exported"] is False
    kinds = {each["id"]: each for each in (await control.call("providers.list"))["providers"]}
    assert kinds["oidc"]["export_warning"] == ""
    assert kinds["workshop"]["export_warning"] == stage.provider.export_warning


async def test_what_was_signed_out_while_the_agent_was_stopped_goes_at_its_start(
    monkeypatch: pytest.MonkeyPatch, workshop: WorkshopServer, short_home: Path
) -> None:
    memory = MemoryStore()
    async with open_stage(monkeypatch, workshop, short_home, memory) as stage:
        first, second = await stage.key(1), await stage.key(2)
        control = await stage.running.caller(control=True)
        for account in (first, second):
            await control.call("accounts.set_export", account=account.id, exported=True)
        await stage.running.agent.store.remove(first.id)  # and the agent was killed right then
    assert len(shown(stage)) == 2
    async with open_stage(monkeypatch, workshop, short_home, memory) as stage:
        await stage.running.agent.showing.start()
        await until(lambda: tokens(stage) == [workshop.keys["k2"].secret])


async def test_a_locked_keychain_at_the_start_takes_nothing_away(
    monkeypatch: pytest.MonkeyPatch, workshop: WorkshopServer, short_home: Path
) -> None:
    monkeypatch.setattr(showing, "_PAUSES", (0.02, 0.02))
    memory = MemoryStore()
    async with open_stage(monkeypatch, workshop, short_home, memory) as stage:
        first, second = await stage.key(1), await stage.key(2)
        control = await stage.running.caller(control=True)
        for account in (first, second):
            await control.call("accounts.set_export", account=account.id, exported=True)
    memory.trouble = Trouble.LOCKED
    async with open_stage(monkeypatch, workshop, short_home, memory) as stage:
        await stage.running.agent.showing.start()
        control = await stage.running.caller(control=True)
        await control.call("accounts.set_default", **{"account": second.id, "for": "overall"})
        calls = memory.calls
        await until(lambda: memory.calls > calls + 2)
        assert (stage.provider.exports, len(shown(stage))) == (0, 2)
        # But what has to go goes, and the rest comes back with the keychain.
        await control.call("accounts.set_export", account=first.id, exported=False)
        assert workshop.keys["k1"].secret not in tokens(stage)
        memory.trouble = Trouble.NONE
        await until(lambda: shown(stage) == [
            {"url": workshop.url, "token": workshop.keys["k2"].secret, "default": True}
        ])  # fmt: skip
