"""Superseded pairs: revoked after a day, each once, and never those of other programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.errors import StorageUnavailable
from manager.practice.speckle_server import SpeckleServer
from tests.services.bench import Bench, pairs

pytestmark = pytest.mark.anyio
DAY = 86_400.0


def logouts(speckle: SpeckleServer) -> int:
    return speckle.counters["logout"]


async def test_the_old_pair_lives_for_a_day(bench: Bench, speckle: SpeckleServer) -> None:
    account = await bench.signed_in(speckle)
    (old,) = pairs(speckle)
    await bench.refresh(account.id)
    bench.clock.advance(DAY - 10)
    assert 0 < await bench.retirement.tick(bench.tasks) <= 10
    await bench.idle()
    assert old in pairs(speckle)
    bench.clock.advance(11)
    await bench.tick()
    assert old not in pairs(speckle)
    assert len(pairs(speckle)) == 1
    assert logouts(speckle) == 1
    assert await bench.store.retired() == []
    bench.clock.advance(DAY)
    await bench.tick()
    assert logouts(speckle) == 1


async def test_it_is_looked_at_seldom(bench: Bench, speckle: SpeckleServer) -> None:
    assert await bench.retirement.tick(bench.tasks) == 600
    bench.clock.advance(200)
    assert await bench.retirement.tick(bench.tasks) == 400


async def test_what_is_being_revoked_is_not_revoked_twice(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    speckle.change_faults(delay={"logout": 0.1})
    for _ in range(3):
        bench.clock.advance(DAY + 700)
        await bench.retirement.tick(bench.tasks)
    await bench.idle()
    assert logouts(speckle) == 1


async def test_a_server_that_is_away_is_asked_again_later(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    speckle.change_faults(unavailable={"logout": 503})
    bench.clock.advance(DAY + 1)
    for _ in range(5):
        await bench.tick()
        bench.clock.advance(100)
    assert logouts(speckle) == 1
    speckle.change_faults(unavailable={})
    bench.clock.advance(900)
    await bench.tick()
    assert await bench.store.retired() == []


async def test_what_another_program_brought_is_never_revoked(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    imported = replace(bench.held(account.id), imported=True)
    account = await bench.accounts.replace(account, imported, retire_at=None)
    await bench.refresh(account.id)
    assert not bench.held(account.id).imported
    account = bench.accounts.holding(account.id).account
    await bench.accounts.replace(account, imported, retire_at=None)
    await bench.signed_in(speckle)  # the same person signs in over an imported pair
    before = set(pairs(speckle))
    bench.clock.advance(DAY + 1)
    await bench.tick()
    assert set(pairs(speckle)) == before
    assert logouts(speckle) == 0


async def test_an_account_that_is_gone_leaves_nothing_behind(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    await bench.accounts.remove(account.id)  # as a crash in the middle of a sign-out leaves it
    assert len(await bench.store.retired()) == 1
    bench.clock.advance(DAY + 1)
    await bench.tick()
    assert await bench.store.retired() == []
    assert bench.memory.items == {}


async def test_a_disk_that_refuses_is_asked_again_later(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise StorageUnavailable("The disk is broken.")

    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    await bench.accounts.remove(account.id)
    with monkeypatch.context() as broke:
        broke.setattr(bench.store, "retired", broken)
        assert await bench.retirement.tick(bench.tasks) == 600
        await bench.retirement.forget(account)
    bench.clock.advance(DAY)
    with monkeypatch.context() as broke:
        broke.setattr(bench.store, "forget_retired", broken)
        await bench.tick()
    assert len(await bench.store.retired()) == 1


async def test_at_sign_out_one_that_is_being_revoked_is_left_to_it(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    await bench.refresh(account.id)
    speckle.change_faults(delay={"logout": 0.1})
    bench.clock.advance(DAY + 1)
    await bench.retirement.tick(bench.tasks)
    await bench.retirement.end(account)
    await bench.idle()
    assert logouts(speckle) == 1
