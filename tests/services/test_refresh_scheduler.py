"""The background: what is due and when, few at once, nobody twice, and never a storm."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest

from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.errors import StorageUnavailable
from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.provider import Refreshed
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from manager.services.server_gate import AT_ONCE
from tests.services.bench import Bench, pairs, until

pytestmark = pytest.mark.anyio
YEARS = 10 * 365 * 86_400.0


def refreshes(server: AuthorizationServer) -> list[str]:
    forms = (request.form for request in server.requests if request.endpoint == "token")
    return [form["refresh_token"] for form in forms]


async def test_each_in_its_time(bench: Bench, server: AuthorizationServer) -> None:
    now = bench.clock.now()
    for number, lifetime in ((1, 1000.0), (2, 3000.0), (3, None)):
        await bench.planted(server, number, validity=Validity(now, lifetime))
    assert await bench.tick() == 40.0
    bench.clock.advance(690)
    assert await bench.tick() <= 110
    assert refreshes(server) == []
    bench.clock.advance(110)
    await bench.tick()
    assert refreshes(server) == ["refresh-1"]
    bench.clock.advance(1900)
    await bench.tick()
    assert set(refreshes(server)) == {"refresh-1", "refresh-2"}


async def test_a_token_that_has_its_own_day(bench: Bench, speckle: SpeckleServer) -> None:
    account = await bench.signed_in(speckle)
    before = pairs(speckle)
    bench.clock.advance(149 * 86_400)
    await bench.tick()
    assert pairs(speckle) == before
    bench.clock.advance(2 * 86_400)
    await bench.tick()
    assert len(pairs(speckle)) == 2
    assert bench.held(account.id).renew_at == pytest.approx(bench.clock.wall + 150 * 86_400)


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.whole)])
async def test_all_due_at_once_after_a_resume(
    bench: Bench, server: AuthorizationServer, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, now, most = threading.Lock(), 0, 0
    process = server.process

    def counted(*args: object) -> object:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        try:
            return process(*args)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(server, "process", counted)
    for number in range(count):
        await bench.planted(server, number)
    bench.clock.advance(8 * 3600)
    running = bench.tasks.create_task(bench.scheduler.run())
    await until(lambda: len(refreshes(server)) >= count)
    for _ in range(5):
        bench.scheduler.wake()
        await asyncio.sleep(0.01)
    running.cancel()
    assert Counter(refreshes(server)).most_common(1)[0][1] == 1
    assert len(refreshes(server)) == count
    assert server.reuse_detected == 0
    assert most <= AT_ONCE
    assert all(
        server.accepts(bench.held(f"account-{n}").access_token.reveal()) for n in range(count)
    )


async def test_pauses_grow_while_a_server_fails(bench: Bench, server: AuthorizationServer) -> None:
    await bench.planted(server, 1)
    server.change_faults(unavailable={"token": 503})
    bench.clock.advance(3600)
    for _ in range(8 * 60):  # eight minutes of looking once a second
        await bench.tick()
        bench.clock.advance(1)
    assert 4 <= server.counters["token"] <= 9


async def test_a_servers_own_pause_is_never_undercut(
    bench: Bench, server: AuthorizationServer
) -> None:
    await bench.planted(server, 1)
    server.change_faults(rate_limited={"token": "300"})
    bench.clock.advance(3600)
    for _ in range(29):
        await bench.tick()
        bench.clock.advance(10)
    assert server.counters["token"] == 1
    bench.clock.advance(20)
    await bench.tick()
    assert server.counters["token"] == 2


async def test_who_needs_the_person_is_left_alone(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.accounts.need_attention(account, AttentionReason.REFRESH_REFUSED)
    bench.clock.advance(8 * 3600)
    for _ in range(10):
        assert await bench.tick() == 40.0
        bench.clock.advance(1000)
    assert server.counters["token"] == 0


async def test_what_cannot_be_renewed_needs_the_person_at_its_end(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1, refresh_token=None)
    bench.clock.advance(3599)
    await bench.tick()
    assert bench.accounts.holding(account.id).account == account
    bench.clock.advance(1)
    await bench.tick()
    state = bench.accounts.holding(account.id).account.state
    assert state == AttentionNeeded(AttentionReason.NOT_RENEWABLE)


async def test_accounts_that_cannot_be_read_are_read_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise StorageUnavailable("The disk is broken.")

    monkeypatch.setattr(bench.accounts, "load", broken)
    assert await bench.scheduler.tick() == 2.0


async def test_it_wakes_when_an_account_comes(bench: Bench, server: AuthorizationServer) -> None:
    running = bench.tasks.create_task(bench.scheduler.run())
    await asyncio.sleep(0.02)  # it sleeps for 40 s now
    await bench.planted(server, 1, validity=Validity(bench.clock.now(), 0.001))
    bench.clock.advance(1)
    bench.scheduler.wake()
    await until(lambda: refreshes(server))
    await until(lambda: not bench.flights.under_way("account-1"))
    running.cancel()


async def test_it_looks_again_by_itself(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manager.services.refresh_scheduler.LONGEST_SLEEP", 0.05)
    await bench.planted(server, 1)
    running = bench.tasks.create_task(bench.scheduler.run())
    await asyncio.sleep(0.02)
    bench.clock.advance(8 * 3600)  # a resume that nobody tells
    await until(lambda: refreshes(server))
    await until(lambda: not bench.flights.under_way("account-1"))
    running.cancel()


CLOCKS = {
    "none": (0.0, 0.0, False),
    "an hour ahead": (3600.0, 0.0, False),
    "an hour back": (-3600.0, 0.0, False),
    "ten years ahead": (YEARS, 0.0, False),
    "ten years back": (-YEARS, 0.0, False),
    "8 h suspended": (0.0, 8 * 3600.0, False),
    "rebooted": (0.0, 60.0, True),
    "rebooted, ten years ahead": (YEARS, 60.0, True),
    "rebooted, ten years back": (-YEARS, 60.0, True),
}
LIFETIMES: tuple[object, ...] = (3600, "3600", 0, -1, 10**18, None)


@pytest.mark.parametrize("expires_in", LIFETIMES)
@pytest.mark.parametrize("clock", CLOCKS)
async def test_never_a_storm_and_never_a_token_past_its_end(
    bench: Bench,
    server: AuthorizationServer,
    monkeypatch: pytest.MonkeyPatch,
    clock: str,
    expires_in: object,
) -> None:
    asked: list[Moment] = []

    async def refresh(_server: object, _identity: object, credential: object) -> Refreshed:
        asked.append(bench.clock.now())
        validity = Validity(bench.clock.now(), usable_lifetime(expires_in))
        return Refreshed(type(credential)(**{
            **{name: getattr(credential, name) for name in credential.__slots__},
            "validity": validity,
        }))  # fmt: skip

    monkeypatch.setattr(bench.oidc, "refresh", refresh)
    lifetime = usable_lifetime(expires_in)
    account = await bench.planted(server, 1, validity=Validity(bench.clock.now(), lifetime))
    jump, passed, rebooted = CLOCKS[clock]
    bench.clock.advance(passed)
    bench.clock.wall += jump
    if rebooted:
        bench.clock.reboot()
    for _ in range(100):  # 4,000 s
        await bench.tick()
        now, validity = bench.clock.now(), bench.held(account.id).validity
        served = bench.tokens.cached(account.id, 0.0)
        if served is not None and validity.lifetime is not None:
            assert validity.remaining(now) > 0
        bench.clock.advance(40)
    assert len(asked) <= 3
