"""Here in any case, at the server where it answers."""

from __future__ import annotations

import asyncio

import pytest

from manager.core.errors import AccountNotFound, StorageUnavailable
from manager.core.events import AccountRemoved
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from manager.practice.speckle_server import SpeckleServer
from manager.services import sign_out
from tests.services.bench import Bench, open_bench, pairs, until

pytestmark = pytest.mark.anyio


async def test_it_ends_here_and_at_the_server(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.signed_in(server)
    assert await bench.sign_out.remove(account.id) is True
    assert bench.accounts.all() == []
    assert server.live_refresh_tokens() == server.live_access_tokens() == []
    assert bench.memory.items == {}
    assert [event.account.id for event in bench.told(AccountRemoved)] == [account.id]
    with pytest.raises(AccountNotFound):
        await bench.sign_out.remove(account.id)


async def test_without_revocation(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.signed_in(server)
    assert await bench.sign_out.remove(account.id, revoke=False) is False
    assert len(server.live_refresh_tokens()) == 1
    assert bench.accounts.all() == []


async def test_a_server_that_is_away_does_not_keep_the_account_here(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.signed_in(server)
    server.change_faults(unavailable={"*": 503})
    assert await bench.sign_out.remove(account.id) == "unreachable"
    assert bench.accounts.all() == []


async def test_a_server_that_never_answers(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_out, "_PATIENCE", 0.1)
    account = await bench.signed_in(server)
    server.change_faults(hang=["revocation"])
    assert await bench.sign_out.remove(account.id) == "unreachable"


async def test_a_server_without_revocation(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1, revocation_endpoint=None)
    assert await bench.sign_out.remove(account.id) is False
    assert bench.accounts.all() == []


async def test_a_locked_keychain_keeps_nobody_signed_in(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.store.close()
    async with open_bench(bench.folder, clock=bench.clock, memory=bench.memory) as again:
        again.memory.trouble = Trouble.LOCKED
        assert await again.sign_out.remove(account.id) is False
        assert again.accounts.all() == []


async def test_a_disk_that_refuses_changes_nothing(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: str) -> None:
        raise StorageUnavailable("The disk is full.")

    account = await bench.signed_in(server)
    monkeypatch.setattr(bench.store, "remove", full)
    with pytest.raises(StorageUnavailable):
        await bench.sign_out.remove(account.id)
    assert bench.accounts.all() == [account]
    assert len(server.live_refresh_tokens()) == 1


async def test_a_caller_that_leaves_does_not_stop_it_halfway(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.signed_in(server)
    server.change_faults(delay={"revocation": 0.2})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bench.sign_out.remove(account.id)
    await until(lambda: not server.live_access_tokens() and not server.live_refresh_tokens())
    await bench.idle()


async def test_a_refresh_under_way_is_waited_for(bench: Bench, speckle: SpeckleServer) -> None:
    account = await bench.signed_in(speckle)
    speckle.change_faults(delay={"token": 0.2})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: speckle.counters["token"] == 2)
    assert await bench.sign_out.remove(account.id) is True
    await refresh
    assert pairs(speckle) == []
    assert await bench.store.retired() == []
    assert bench.memory.items == {}


async def test_what_a_slow_refresh_brings_is_revoked_by_itself(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_out, "_LAST_REFRESH", 0.01)
    account = await bench.signed_in(speckle)
    speckle.change_faults(delay={"token": 0.2})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: speckle.counters["token"] == 2)
    assert await bench.sign_out.remove(account.id) is True
    with pytest.raises(AccountNotFound):
        await refresh
    assert pairs(speckle) == []


async def test_what_no_disk_took_is_revoked_too(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StorageUnavailable("The disk is full.")

    account = await bench.signed_in(speckle)
    monkeypatch.setattr(bench.store, "replace", full)
    with pytest.raises(StorageUnavailable):
        await bench.refresh(account.id)
    assert len(pairs(speckle)) == 2
    assert await bench.sign_out.remove(account.id) is True
    assert pairs(speckle) == []


@pytest.mark.parametrize("away", [False, True])
async def test_what_waits_to_be_revoked_goes_with_the_account(
    bench: Bench, speckle: SpeckleServer, away: bool
) -> None:
    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    assert len(pairs(speckle)) == 2
    if away:
        speckle.change_faults(unavailable={"*": 503})
    assert await bench.sign_out.remove(account.id) == ("unreachable" if away else True)
    assert len(pairs(speckle)) == (2 if away else 0)
    assert await bench.store.retired() == []
    assert bench.memory.items == {}


async def test_what_another_program_still_uses_is_left_alone(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1, imported=True)
    assert await bench.sign_out.remove(account.id) is False
    assert server.accepts("access-1")
    assert bench.accounts.all() == []
