"""What does not renew by itself is looked after, and never in a storm."""

from __future__ import annotations

import pytest

from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.credential import ApiKey
from manager.core.errors import ServerUnreachable
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.services.server_gate import AT_ONCE
from tests.services.bench import Bench
from tests.services.typing_provider import result

pytestmark = pytest.mark.anyio


async def keys(bench: Bench, count: int) -> None:
    for number in range(count):
        came = result("alice", ApiKey(Secret(f"key-{number}")), key=f"#{number}")
        await bench.completion.keep(bench.typing, came)


def restart(bench: Bench) -> None:
    """As after a start: nothing is known of any attempt."""
    for holding in bench.accounts.holdings():
        holding.last_attempt, holding.verify_at, holding.credential = None, None, None


async def test_at_start_and_every_few_hours(bench: Bench) -> None:
    await keys(bench, 1)
    restart(bench)
    await bench.tick()
    assert bench.typing.verified == 0
    bench.clock.advance(60)
    await bench.tick()
    assert bench.typing.verified == 1
    bench.clock.advance(3 * 3600 - 1)
    await bench.tick()
    assert bench.typing.verified == 1
    bench.clock.advance(2 * 3600 + 1)
    await bench.tick()
    assert bench.typing.verified == 2


async def test_one_that_was_just_signed_in_is_not_asked_at_once(bench: Bench) -> None:
    await keys(bench, 1)
    await bench.tick()
    bench.clock.advance(3000)
    await bench.tick()
    assert bench.typing.verified == 0


async def test_a_revoked_key_is_found_and_left_in_peace(bench: Bench) -> None:
    await keys(bench, 1)
    bench.clock.advance(6 * 3600)
    bench.typing.verdict = SignedOutThere()
    await bench.tick()
    bench.clock.advance(6 * 3600)
    await bench.tick()
    (account,) = bench.accounts.all()
    assert account.state == AttentionNeeded(AttentionReason.REVOKED)
    verified = bench.typing.verified
    bench.clock.advance(6 * 3600)
    await bench.tick()
    assert bench.typing.verified == verified


async def test_trouble_of_the_network_only_makes_pauses(bench: Bench) -> None:
    await keys(bench, 1)
    restart(bench)
    bench.typing.verdict = ServerUnreachable("away")
    await bench.tick()
    for _ in range(100):
        bench.clock.advance(36)
        await bench.tick()
    (account,) = bench.accounts.all()
    assert account.state == SignedIn()
    assert 5 <= bench.typing.verified <= 20
    bench.typing.verdict = None
    bench.clock.advance(900)
    await bench.tick()
    assert bench.accounts.holdings()[0].verify_failures == 0


async def test_what_renews_is_not_watched(bench: Bench) -> None:
    await bench.completion.keep(bench.typing, result("bob", bench.typing.session()))
    restart(bench)
    for _ in range(3):
        await bench.tick()
        bench.clock.advance(60)
    assert bench.typing.verified == 0


async def test_few_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await keys(bench, 20)
    restart(bench)
    now = most = 0
    verify = bench.typing.verify

    async def counted(*given: object) -> object:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await bench.clock.sleep(0)
        now -= 1
        return await verify(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.typing, "verify", counted)
    await bench.tick()
    bench.clock.advance(60)
    await bench.tick()
    assert (bench.typing.verified, most) == (20, AT_ONCE)
