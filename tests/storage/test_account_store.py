from __future__ import annotations

import asyncio
import stat
from dataclasses import replace

import pytest

from manager.core.account import Defaults
from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.credential import renewal_of
from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    KeychainDenied,
    KeychainLocked,
    KeychainUnavailable,
    KeyCorrupt,
    KeyMissing,
)
from manager.core.ports import WriteOutcome
from manager.practice.memory_keychain import MemoryStore, Trouble, memory_keychain
from manager.storage.account_store import SealedAccountStore
from tests.storage.examples import account, api_key, session, tokens

pytestmark = pytest.mark.anyio


def reopened(tmp_path, memory) -> SealedAccountStore:
    return SealedAccountStore(tmp_path / "data", memory_keychain(memory))


@pytest.mark.parametrize("credential", [tokens(), api_key(), session()])
async def test_an_account_stands_after_a_restart(store, tmp_path, memory, credential):
    await store.add(account(), credential)
    await store.close()
    again = reopened(tmp_path, memory)
    accounts, defaults = await again.load()
    assert accounts == [replace(account(), renewal=renewal_of(credential))]
    assert defaults == Defaults()
    assert await again.credential("a1") == credential
    await again.close()


async def test_loading_never_asks_the_keychain(store, memory):
    await store.add(account(), tokens())
    calls = memory.calls
    memory.trouble = Trouble.UNAVAILABLE
    await store.load()
    assert memory.calls == calls


async def test_the_folder_and_its_files_are_the_owners_alone(store, tmp_path):
    await store.add(account(), tokens())
    await store.mark_refresh("a1")
    folder = tmp_path / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


async def test_no_secret_is_in_any_file(store, tmp_path):
    await store.add(account(), tokens(1))
    await store.replace(replace(account(), revision=2), tokens(2), retire_at=5.0)
    content = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    for secret in (b"access-", b"refresh-", b"client-secret"):
        assert secret not in content


async def test_adding_an_account_twice_harms_nothing(store, memory):
    await store.add(account(), tokens(1))
    items = dict(memory.items)
    with pytest.raises(InvalidRequest):
        await store.add(account(), tokens(2))
    assert memory.items == items
    assert await store.credential("a1") == tokens(1)


async def test_a_rotation_is_kept_with_its_account(store):
    await store.add(account(), tokens(1))
    await store.mark_refresh("a1")
    state = AttentionNeeded(AttentionReason.REFRESH_UNCERTAIN)
    outcome = await store.replace(account().moved_to(state), tokens(2))
    assert outcome is WriteOutcome.WRITTEN
    accounts, _ = await store.load()
    assert (accounts[0].state, accounts[0].revision) == (state, 2)
    assert await store.credential("a1") == tokens(2)
    assert not await store.refresh_marked("a1")
    assert await store.retired() == []


@pytest.mark.parametrize("revision", [1, 2])
async def test_a_stale_revision_writes_nothing(store, revision):
    await store.add(account(revision=2), tokens(1))
    before = await store.load()
    stale = account(revision=revision, scopes=("other",))
    assert await store.replace(stale, tokens(2), retire_at=1.0) is WriteOutcome.STALE
    assert await store.update(stale) is WriteOutcome.STALE
    assert await store.load() == before
    assert await store.credential("a1") == tokens(1)
    assert await store.retired() == []


async def test_a_refresh_that_ends_after_the_sign_out_is_dropped(store, memory):
    await store.add(account(), tokens(1))
    await store.mark_refresh("a1")
    await store.remove("a1")
    assert await store.replace(account(revision=2), tokens(2)) is WriteOutcome.GONE
    assert await store.update(account(revision=2)) is WriteOutcome.GONE
    assert await store.load() == ([], Defaults())
    assert memory.items == {}


async def test_update_leaves_credential_and_renewal(store):
    await store.add(account(), tokens(1))
    state = AttentionNeeded(AttentionReason.REFRESH_REFUSED)
    assert await store.update(account().moved_to(state)) is WriteOutcome.WRITTEN
    accounts, _ = await store.load()
    assert accounts[0].state == state
    assert accounts[0].renewal == renewal_of(tokens(1))
    assert await store.credential("a1") == tokens(1)


async def test_defaults_are_kept_and_go_with_their_account(store):
    await store.add(account("a1"), tokens())
    await store.add(account("a2"), tokens())
    chosen = Defaults("a1", (("https://id.example", "a2"), ("https://other.example", "a1")))
    await store.set_defaults(chosen)
    assert (await store.load())[1] == chosen
    await store.remove("a1")
    assert (await store.load())[1] == chosen.without("a1")


async def test_a_refresh_mark_survives_the_process(store, tmp_path, memory):
    await store.add(account(), tokens())
    assert not await store.refresh_marked("a1")
    await store.mark_refresh("a1")
    await store.close()
    again = reopened(tmp_path, memory)
    assert await again.refresh_marked("a1")
    await again.clear_refresh_mark("a1")
    assert not await again.refresh_marked("a1")
    await again.close()


async def test_unknown_accounts_are_said_to_be_unknown(store):
    await store.add(account(), tokens())
    with pytest.raises(AccountNotFound):
        await store.credential("nobody")
    with pytest.raises(AccountNotFound):
        await store.retired_credential(7)
    assert not await store.refresh_marked("nobody")
    await store.remove("nobody")
    await store.forget_retired(7)


async def test_retired_credentials_open_in_the_order_they_fall_due(store):
    await store.add(account(), tokens(1))
    await store.replace(account(revision=2), tokens(2), retire_at=20.0)
    await store.replace(account(revision=3), tokens(3), retire_at=10.0)
    retired = await store.retired()
    assert [each.due for each in retired] == [10.0, 20.0]
    opened = [await store.retired_credential(each.id) for each in retired]
    assert opened == [tokens(2), tokens(1)]
    await store.forget_retired(retired[0].id)
    assert await store.retired() == retired[1:]


async def test_the_key_goes_with_the_last_retired_credential(store, tmp_path, memory):
    await store.add(account(), tokens(1))
    await store.replace(account(revision=2), tokens(2), retire_at=10.0)
    await store.remove("a1")
    await store.close()
    again = reopened(tmp_path, memory)
    (retired,) = await again.retired()
    assert await again.retired_credential(retired.id) == tokens(1)
    assert set(memory.items) == {"a1"}
    await again.forget_retired(retired.id)
    assert memory.items == {}
    await again.close()


async def test_signing_out_works_while_the_keychain_is_locked(store, tmp_path, memory):
    await store.add(account("a1"), tokens())
    await store.add(account("a2"), tokens())
    memory.trouble = Trouble.LOCKED
    await store.remove("a1")
    assert set(memory.items) == {"a1", "a2"}
    await store.close()
    memory.trouble = Trouble.NONE
    again = reopened(tmp_path, memory)
    await again.credential("a2")
    assert set(memory.items) == {"a2"}
    await again.close()


async def test_a_sign_in_that_cannot_be_kept_leaves_no_key(store, tmp_path, memory, monkeypatch):
    def failing(*_):
        raise RuntimeError("the process ended here")

    await store.add(account("a2"), tokens())
    with monkeypatch.context() as patch:
        patch.setattr(SealedAccountStore, "_sealed", failing)
        with pytest.raises(RuntimeError):
            await store.add(account("a1"), tokens())
    assert set(memory.items) == {"a1", "a2"}
    await store.remove("a2")
    assert memory.items == {}


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.LOCKED, KeychainLocked),
        (Trouble.UNAVAILABLE, KeychainUnavailable),
        (Trouble.DENIED, KeychainDenied),
    ],
)
async def test_keychain_trouble_is_typed_and_passes(store, memory, trouble, error):
    await store.add(account(), tokens(1))
    store.forget_keys()
    memory.trouble = trouble
    for call in (
        store.credential("a1"),
        store.mark_refresh("a1"),
        store.replace(account(revision=2), tokens(2)),
        store.add(account("a2"), tokens()),
    ):
        with pytest.raises(error):
            await call
    memory.trouble = Trouble.NONE
    assert await store.credential("a1") == tokens(1)
    assert not await store.refresh_marked("a1")
    assert len((await store.load())[0]) == 1
    await store.add(account("a2"), tokens())


async def test_a_missing_key_is_made_anew_by_the_next_sign_in(store, memory):
    await store.add(account(), tokens(1))
    await store.replace(account(revision=2), tokens(2), retire_at=10.0)
    store.forget_keys()
    memory.items.clear()
    with pytest.raises(KeyMissing):
        await store.credential("a1")
    assert await store.replace(account(revision=3), tokens(3)) is WriteOutcome.WRITTEN
    store.forget_keys()
    assert await store.credential("a1") == tokens(3)
    assert await store.retired() == [], "what the lost key sealed is gone with it"


async def test_two_sign_ins_at_once_make_one_key(store, memory):
    await store.add(account(), tokens(1))
    store.forget_keys()
    memory.items.clear()
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(store.replace(account(revision=2), tokens(n))) for n in (2, 3)]
    outcomes = [task.result() for task in both]
    assert sorted(outcomes) == [WriteOutcome.STALE, WriteOutcome.WRITTEN]
    store.forget_keys()
    assert await store.credential("a1") == tokens(2 + outcomes.index(WriteOutcome.WRITTEN))


async def test_two_first_uses_read_the_keychain_once(store, memory):
    await store.add(account(), tokens(1))
    store.forget_keys()
    calls = memory.calls
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(store.credential("a1"))
    assert memory.calls == calls + 1


async def test_a_cancelled_sign_in_leaves_all_or_nothing(tmp_path):
    """Cancelled at each of its steps: the account stands whole, or neither record nor key."""
    for steps in range(1, 12):
        memory = MemoryStore()
        store = SealedAccountStore(tmp_path / str(steps), memory_keychain(memory))
        await store.add(account("other"), tokens())
        adding = asyncio.ensure_future(store.add(account("a1"), tokens(1)))
        for _ in range(steps):
            await asyncio.sleep(0)
        adding.cancel()
        await asyncio.wait([adding])
        await store.remove("other")
        kept = [each.id for each in (await store.load())[0]]
        assert set(memory.items) == set(kept)
        if kept:
            assert await store.credential("a1") == tokens(1)
        await store.close()


@pytest.mark.parametrize("item", ["", "{}", "[]", '{"v": 1, "key": "AA==", "account": "a1"}'])
async def test_a_damaged_item_deletes_nothing(store, memory, item):
    await store.add(account(), tokens(1))
    store.forget_keys()
    good, memory.items["a1"] = memory.items["a1"], item
    with pytest.raises(KeyCorrupt):
        await store.credential("a1")
    memory.items["a1"] = good
    assert await store.credential("a1") == tokens(1)


async def test_another_accounts_key_does_not_open_this_one(store, memory):
    await store.add(account("a1"), tokens(1))
    await store.add(account("a2"), tokens(2))
    store.forget_keys()
    memory.items["a1"] = memory.items["a2"]
    with pytest.raises(KeyCorrupt):
        await store.credential("a1")


async def test_forgotten_keys_are_wiped_and_read_again(store, memory):
    await store.add(account(), tokens(1))
    held = store._keys._held["a1"].key
    calls = memory.calls
    store.forget_keys()
    assert not any(held)
    await store.credential("a1")
    await store.credential("a1")
    assert memory.calls == calls + 1


async def test_a_refresh_under_way_is_stored_although_the_keychain_locked(store, memory):
    await store.add(account(), tokens(1))
    await store.mark_refresh("a1")
    store.forget_keys()
    memory.trouble = Trouble.LOCKED
    assert await store.replace(account(revision=2), tokens(2)) is WriteOutcome.WRITTEN
    store.forget_keys()
    with pytest.raises(KeychainLocked):
        await store.credential("a1")
    memory.trouble = Trouble.NONE
    assert await store.credential("a1") == tokens(2)
