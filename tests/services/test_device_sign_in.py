"""Signing in with a code elsewhere: the agent asks until somebody answered."""

from __future__ import annotations

import anyio
import pytest

from manager.core.errors import (
    ProviderError,
    RateLimited,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
)
from manager.core.events import SignInProgressed
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from manager.services.device_sign_in import LONGEST_PAUSE, pause_before_poll
from manager.services.pending_sign_in import DeviceSignIn
from manager.services.sign_in import WantedSignIn
from tests.services.bench import CLIENT, Bench, until
from tests.services.typing_provider import URL, result

pytestmark = pytest.mark.anyio


async def begun(bench: Bench) -> DeviceSignIn:
    pending = await bench.sign_in.begin(WantedSignIn(URL, provider="typing", method="device"))
    assert isinstance(pending, DeviceSignIn)
    return pending


async def test_asked_until_somebody_answered(bench: Bench) -> None:
    alice = result("alice", bench.typing.session())
    away, slow = ServerUnreachable("away"), RateLimited("slow", retry_after=0.01)
    bench.typing.device = [None, away, None, slow, alice]
    pending = await begun(bench)
    assert bench.sign_in.waiting() == (pending,)
    account = await bench.sign_in.wait(pending.id)
    assert account.identity.label == "alice@typing.example"
    assert bench.sign_in.waiting() == ()
    await bench.idle()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (SignInDenied("no"), "failed"),
        (SignInExpired("late"), "expired"),
        (ProviderError("broken"), "failed"),
    ],
)
async def test_the_servers_last_word(bench: Bench, answer: Exception, status: str) -> None:
    bench.typing.device = [None, answer]
    pending = await begun(bench)
    with pytest.raises(type(answer)):
        await bench.sign_in.wait(pending.id)
    assert bench.told(SignInProgressed)[-1].status == status


async def test_a_mistake_of_a_provider_ends_the_sign_in_alone(bench: Bench) -> None:
    bench.typing.device = [KeyError("secret")]
    pending = await begun(bench)
    with pytest.raises(ProviderError, match="could not finish"):
        await bench.sign_in.wait(pending.id)


async def test_the_servers_time_counts(bench: Bench) -> None:
    bench.typing.lifetime = 1800.0
    pending = await begun(bench)
    assert pending.deadline == bench.clock.boot + 1800.0
    assert pending.expires_at == int(bench.clock.wall + 1800.0)
    bench.clock.advance(1799)
    assert bench.sign_in.waiting() == (pending,)
    await bench.sign_in.cancel(pending.id)
    await bench.idle()


async def test_nobody_answered_in_time(bench: Bench) -> None:
    bench.typing.lifetime = 0.1
    pending = await begun(bench)
    bench.clock.advance(0.2)
    with pytest.raises(SignInExpired):
        await bench.sign_in.wait(pending.id)
    assert bench.told(SignInProgressed)[-1].status == "expired"
    await bench.idle()


async def test_cancelled_it_is_asked_no_more(bench: Bench) -> None:
    bench.typing.interval = 30.0
    pending = await begun(bench)
    assert await bench.sign_in.cancel(pending.id)
    await bench.idle()


@pytest.mark.parametrize(
    ("interval", "failures", "asked_for", "pause"),
    [
        (5, 0, 0, 5),
        (5, 1, 0, 10),
        (5, 3, 0, 40),
        (5, 9, 0, LONGEST_PAUSE),
        (90, 4, 0, 90),
        (5, 1, 120, 120),
    ],
)
def test_pauses(interval: float, failures: int, asked_for: float, pause: float) -> None:
    assert pause_before_poll(interval, failures, asked_for) == pause


async def test_at_a_server_that_speaks_it(bench: Bench) -> None:
    with AuthorizationServer(interval=0.05) as server:
        wanted = WantedSignIn(server.url, method="device", client=CLIENT)
        pending = await bench.sign_in.begin(wanted)
        assert isinstance(pending, DeviceSignIn)
        server.change_faults(unavailable={"token": 503})
        await until(lambda: server.counters["token"] > 1)
        server.change_faults(unavailable={})
        address = pending.device.verification_uri_complete or ""
        await anyio.to_thread.run_sync(Person("bob").confirm, address)
        account = await bench.sign_in.wait(pending.id)
        assert account.identity.label == "bob@example.com"
        assert await bench.tokens.get(account.id)


async def test_where_programs_register_themselves_nothing_is_asked_for(bench: Bench) -> None:
    with AuthorizationServer(registration=True) as server:
        assert (await bench.sign_in.probe(server.url)).needs == ()
        account = await bench.signed_in(server, client=None)
        again = await bench.signed_in(server, client=None, account=account.id)
        assert again.id == account.id
        assert server.counters["registration"] == 1
