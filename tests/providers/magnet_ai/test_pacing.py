"""The agent slows down before it is refused, over real HTTP."""

from __future__ import annotations

import pytest

from manager.core.errors import RateLimited
from manager.core.provider_abilities import StillSignedIn
from manager.providers.magnet_ai.pacing import Pacing, token_name

pytestmark = pytest.mark.anyio


def time_passes_at(here, clock) -> None:
    """What the clock sleeps passes at the server too."""
    began, sleep = clock.boot, clock.sleep

    async def both(seconds: float) -> None:
        await sleep(seconds)
        here.server.change_faults(clock_offset=clock.boot - began)

    clock.sleep = both


async def test_three_minutes_of_questions_without_one_refusal(start, clock) -> None:
    here = start("seed", rate_limit=100)
    time_passes_at(here, clock)
    account = await here.by_password()
    for _ in range(250):
        verdict = await here.provider.verify(account.server, account.identity, account.credential)
        assert isinstance(verdict, StillSignedIn)
    assert here.server.counters["over_the_limit"] == 0
    assert 60 < sum(clock.slept) < 180
    assert max(clock.slept) <= 5


async def test_beyond_its_patience_nothing_is_sent(start, clock) -> None:
    here = start("seed", rate_limit=4)
    time_passes_at(here, clock)
    account = await here.by_password()
    known = (account.server, account.identity, account.credential)
    for _ in range(2):
        await here.provider.verify(*known)
    sent = len(here.server.requests)
    with pytest.raises(RateLimited) as caught:
        await here.provider.verify(*known)
    assert 5 < caught.value.retry_after <= 60
    assert len(here.server.requests) == sent
    # A renewal may use what is left.
    await here.provider.refresh(*known)
    assert here.server.counters["over_the_limit"] == 0
    await clock.sleep(61)
    await here.provider.verify(*known)


async def test_one_token_does_not_slow_another(start) -> None:
    here = start("seed", rate_limit=3)
    alice, bob = await here.by_password(), await here.by_password("bob")
    await here.provider.verify(alice.server, alice.identity, alice.credential)
    await here.provider.verify(alice.server, alice.identity, alice.credential)
    with pytest.raises(RateLimited):
        await here.provider.verify(alice.server, alice.identity, alice.credential)
    assert await here.provider.verify(bob.server, bob.identity, bob.credential)


async def test_a_refusal_is_honoured_for_its_token(start, clock) -> None:
    here = start("v2")
    account = await here.by_password()
    known = (account.server, account.identity, account.credential)
    here.server.change_faults(rate_limited={"*": "30"})
    with pytest.raises(RateLimited) as caught:
        await here.provider.verify(*known)
    assert caught.value.retry_after == 30
    here.server.change_faults(rate_limited={})
    sent = len(here.server.requests)
    with pytest.raises(RateLimited) as held:
        await here.provider.verify(*known)
    assert held.value.retry_after == 30
    assert len(here.server.requests) == sent
    clock.pass_by(30)
    assert await here.provider.verify(*known)


def test_a_token_is_known_by_a_digest() -> None:
    name = token_name("https://a", {"Authorization": "Bearer xyz"})
    assert "xyz" not in name
    assert name != token_name("https://b", {"Authorization": "Bearer xyz"})
    assert token_name("https://a", {"Origin": "https://a"}) == ""


async def test_memory_is_bounded(clock) -> None:
    from manager.providers.http_answer import HttpAnswer

    pacing = Pacing(clock)
    shown = {f"x-ratelimit-{n}": "9" for n in ("limit", "remaining", "reset")}
    for number in range(3000):
        pacing.note(str(number), HttpAnswer(200, shown, b"", "https://a"))
    assert len(pacing._allowances) <= 1024
