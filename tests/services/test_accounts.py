"""The accounts in memory stay in step with the store, and the person's defaults with both."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from manager.core.account import Account, Defaults, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    KeychainLocked,
    KeyCorrupt,
    KeyMissing,
    StorageUnavailable,
)
from manager.core.events import AccountRemoved, AttentionRaised, DefaultChanged
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from manager.services.accounts import AccountsService
from tests.services.bench import Bench, open_bench

pytestmark = pytest.mark.anyio


async def stored(bench: Bench) -> Defaults:
    return (await bench.store.load())[1]


async def test_the_first_account_is_the_default(bench: Bench, server: AuthorizationServer) -> None:
    first = await bench.planted(server, 1)
    await bench.planted(server, 2)
    assert bench.accounts.defaults == Defaults(overall=first.id) == await stored(bench)
    (changed,) = bench.told(DefaultChanged)
    assert (changed.account.id, changed.scope) == (first.id, "overall")


async def test_the_account_stands_although_the_disk_refuses_the_default(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: Defaults) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(bench.store, "set_defaults", full)
    account = await bench.planted(server, 1)
    assert bench.accounts.all() == [account]
    assert bench.accounts.defaults == Defaults()


async def test_defaults_are_the_persons(bench: Bench, server: AuthorizationServer) -> None:
    first, second = await bench.planted(server, 1), await bench.planted(server, 2)
    await bench.accounts.set_default(second.id, "server")
    await bench.accounts.set_default(second.id, "overall")
    chosen = Defaults(second.id, ((server.url, second.id),))
    assert bench.accounts.defaults == chosen == await stored(bench)
    assert bench.told(DefaultChanged)[-2].scope == server.url
    assert bench.accounts.choose(None, server.url).id == second.id
    assert bench.accounts.choose(None, None).id == second.id
    assert bench.accounts.choose(first.id, None).id == first.id
    with pytest.raises(InvalidRequest):
        await bench.accounts.set_default(first.id, "everywhere")
    with pytest.raises(AccountNotFound):
        await bench.accounts.set_default("nobody", "overall")


async def test_a_removed_account_is_no_default(bench: Bench, server: AuthorizationServer) -> None:
    first, second = await bench.planted(server, 1), await bench.planted(server, 2)
    await bench.accounts.set_default(first.id, "server")
    await bench.accounts.remove(first.id)
    assert bench.accounts.defaults == Defaults() == await stored(bench)
    assert bench.accounts.all() == [second]
    assert [event.account.id for event in bench.told(AccountRemoved)] == [first.id]


async def test_changes_at_once_do_not_undo_each_other(
    bench: Bench, server: AuthorizationServer
) -> None:
    first, second = await bench.planted(server, 1), await bench.planted(server, 2)
    await asyncio.gather(
        bench.accounts.set_default(second.id, "overall"),
        bench.accounts.set_default(second.id, "server"),
    )
    chosen = Defaults(second.id, ((server.url, second.id),))
    assert bench.accounts.defaults == chosen == await stored(bench)
    removed = await asyncio.gather(
        bench.accounts.remove(first.id),
        bench.accounts.set_default(first.id, "overall"),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in removed] == ["Account", "AccountNotFound"]
    assert bench.accounts.defaults == chosen


async def test_reads_need_no_keychain(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    await bench.store.close()
    bench.memory.trouble = Trouble.LOCKED
    calls = bench.memory.calls
    async with open_bench(bench.folder, clock=bench.clock, memory=bench.memory) as again:
        await again.accounts.load()
        assert again.accounts.loaded
        assert [each.id for each in again.accounts.all()] == [account.id]
        assert bench.memory.calls == calls


async def test_two_loads_at_once_are_one(bench: Bench, server: AuthorizationServer) -> None:
    await bench.planted(server, 1)
    fresh = AccountsService(bench.store, bench.bus)
    await asyncio.gather(fresh.load(), fresh.load())
    assert len(fresh.holdings()) == 1


@pytest.mark.parametrize(
    ("damage", "error", "reason"),
    [
        ("gone", KeyMissing, AttentionReason.KEY_MISSING),
        ("nonsense", KeyCorrupt, AttentionReason.KEY_CORRUPT),
        ("locked", KeychainLocked, None),
    ],
)
async def test_only_a_key_that_is_surely_lost_needs_the_person(
    bench: Bench,
    server: AuthorizationServer,
    damage: str,
    error: type[Exception],
    reason: AttentionReason | None,
) -> None:
    account = await bench.planted(server, 1)
    await bench.store.close()
    match damage:
        case "gone":
            bench.memory.items.clear()
        case "nonsense":
            bench.memory.items[account.id] = "nonsense"
        case "locked":
            bench.memory.trouble = Trouble.LOCKED
    async with open_bench(bench.folder, clock=bench.clock, memory=bench.memory) as again:
        for _ in range(2):
            with pytest.raises(error):
                await again.accounts.credential(account.id)
        state = again.accounts.holding(account.id).account.state
        assert state == (SignedIn() if reason is None else AttentionNeeded(reason))
        assert len(again.told(AttentionRaised)) == (reason is not None)


async def test_two_first_uses_unseal_one_credential(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    bench.accounts.holding(account.id).credential = None
    first, second = await asyncio.gather(
        bench.accounts.credential(account.id), bench.accounts.credential(account.id)
    )
    assert first is second


async def test_a_late_verdict_is_dropped(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    kept = await bench.accounts.replace(account, bench.held(account.id), retire_at=None)
    await bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED)
    assert bench.accounts.holding(account.id).account == kept
    await bench.accounts.need_attention(kept, AttentionReason.REFRESH_REFUSED)
    needing = bench.accounts.holding(account.id).account
    await bench.accounts.need_attention(needing, AttentionReason.REFRESH_REFUSED)
    await bench.accounts.remove(account.id)
    await bench.accounts.need_attention(needing, AttentionReason.KEY_CORRUPT)
    assert len(bench.told(AttentionRaised)) == 1


async def test_a_sign_in_that_overtakes_a_verdict_wins(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await asyncio.gather(
        bench.accounts.replace(account, bench.held(account.id), retire_at=None),
        bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED),
    )
    assert bench.accounts.holding(account.id).account.state == SignedIn()
    assert (await bench.store.load())[0][0].state == SignedIn()


async def test_a_stale_replacement_is_refused(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)
    await bench.accounts.replace(account, bench.held(account.id), retire_at=None)
    with pytest.raises(AccountNotFound):
        await bench.accounts.replace(account, bench.held(account.id), retire_at=None)


async def test_who_is_the_same_person(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1)

    def same(provider: str, url: str, subject: str, key: str = "") -> Account | None:
        who = Identity(subject, "x", "x", key=key)
        return bench.accounts.same_person(provider, Server(url, "x"), who)

    assert same("oidc", server.url, "person-1") == account
    assert same("oidc", server.url, "person-2") is None
    assert same("oidc", server.url, "person-1", "key") is None
    assert same("speckle", server.url, "person-1") is None
    assert same("oidc", f"{server.url}/other", "person-1") is None


async def test_a_damaged_file_is_said_and_kept(bench: Bench, server: AuthorizationServer) -> None:
    await bench.planted(server, 1)
    await bench.store.close()
    (file,) = bench.folder.glob("*.db")
    file.write_bytes(b"no database" * 1000)
    fresh = AccountsService(bench.store, bench.bus)
    with pytest.raises(StorageUnavailable):
        await fresh.load()
    assert not fresh.loaded
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(file).execute("SELECT 1 FROM accounts")
