"""From the first address to the stored account, and every way in which it ends otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import urllib.request
from urllib.parse import urlsplit

import anyio
import pytest

from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    KeychainLocked,
    KeychainUnavailable,
    RedirectUnavailable,
    ServerUnreachable,
    SignInDenied,
    SignInExpired,
    StorageUnavailable,
    TooMany,
)
from manager.core.events import AccountAdded, SignInProgressed
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from manager.practice.speckle_server import SpeckleServer
from manager.services import browser_sign_in, waiting_sign_ins
from tests.services.bench import Bench, pairs, until, visited

pytestmark = pytest.mark.anyio


def progress(bench: Bench) -> list[str]:
    return [event.status for event in bench.told(SignInProgressed)]


def listens(uri: str) -> bool:
    parts = urlsplit(uri)
    try:
        socket.create_connection((parts.hostname, parts.port), 1).close()
    except OSError:
        return False
    return True


async def test_by_scheme(bench: Bench, server: AuthorizationServer) -> None:
    probe = await bench.sign_in.probe(f"{server.url}/")
    assert (probe.provider, probe.needs) == ("oidc", ("client_id",))
    pending = await bench.begin(server)
    assert bench.sign_in.waiting() == (pending,)
    waiter = asyncio.ensure_future(bench.sign_in.wait(pending.id))
    sign_in_id, account = await bench.sign_in.complete(await visited(pending))
    assert sign_in_id == pending.id
    assert await waiter is account
    assert await bench.sign_in.wait(pending.id) is account
    assert bench.accounts.all() == [account]
    assert progress(bench) == ["waiting", "succeeded"]
    assert bench.told(SignInProgressed)[1].account_id == account.id
    assert bench.sign_in.waiting() == ()


async def test_by_loopback(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server, redirect="loopback")
    uri = await visited(pending)
    assert listens(uri)
    page = await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(uri, timeout=10).read())
    assert b"signed in" in page.lower()
    assert (await bench.sign_in.wait(pending.id)).identity.label
    assert not listens(uri)


async def test_a_loopback_callback_without_state_changes_nothing(
    bench: Bench, server: AuthorizationServer
) -> None:
    pending = await bench.begin(server, redirect="loopback")
    stray = f"{pending.authorization.redirect_uri}?code=stolen"
    page = await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(stray, timeout=10).read())
    assert b"No sign-in is waiting" in page
    assert bench.sign_in.waiting() == (pending,)


@pytest.mark.parametrize("trouble", [Trouble.LOCKED, Trouble.UNAVAILABLE])
async def test_the_keychain_is_asked_before_the_person(
    bench: Bench, server: AuthorizationServer, trouble: Trouble
) -> None:
    bench.memory.trouble = trouble
    with pytest.raises((KeychainLocked, KeychainUnavailable)):
        await bench.begin(server)
    assert server.requests == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"method": "form"}, InvalidRequest),
        ({"redirect": "pigeon"}, InvalidRequest),
        ({"provider": "nobody"}, InvalidRequest),
        ({"account": "nobody"}, AccountNotFound),
        ({"client": None}, InvalidRequest),
    ],
)
async def test_what_cannot_be_begun(
    bench: Bench, server: AuthorizationServer, wanted: dict, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await bench.begin(server, **wanted)
    assert bench.sign_in.waiting() == ()


async def test_a_failed_beginning_gives_the_port_back(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def fail(_request: object, redirect_uri: str) -> None:
        seen.append(redirect_uri)
        raise ServerUnreachable("away")

    monkeypatch.setattr(bench.oidc, "begin", fail)
    with pytest.raises(ServerUnreachable):
        await bench.begin(server, redirect="loopback")
    assert not listens(seen[0])


async def test_the_first_redirect_method_that_is_offered(
    bench: Bench, server: AuthorizationServer
) -> None:
    assert (await bench.begin(server, redirect=None, method="browser")).redirect == "scheme"


async def test_too_many_at_once(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_sign_ins, "AT_ONCE", 2)
    await bench.begin(server)
    await bench.begin(server)
    with pytest.raises(TooMany):
        await bench.begin(server)


async def test_a_wrong_place_leaves_the_sign_in_alone(
    bench: Bench, server: AuthorizationServer
) -> None:
    pending = await bench.begin(server)
    uri = await visited(pending)
    with pytest.raises(InvalidRequest):
        await bench.sign_in.complete(uri.replace("/callback/", "/callback/elsewhere/"))
    _, account = await bench.sign_in.complete(uri)
    assert account.identity.label


async def test_an_answer_counts_once(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server)
    uri = await visited(pending)
    both = await asyncio.gather(
        bench.sign_in.complete(uri), bench.sign_in.complete(uri), return_exceptions=True
    )
    assert [type(each) for each in both] == [tuple, SignInExpired]
    with pytest.raises(SignInExpired):
        await bench.sign_in.complete(uri)
    assert server.token_requests("authorization_code") == 1


async def test_a_caller_that_leaves_does_not_lose_the_code(
    bench: Bench, server: AuthorizationServer
) -> None:
    pending = await bench.begin(server)
    uri = await visited(pending)
    server.change_faults(delay={"token": 0.2})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await bench.sign_in.complete(uri)
    assert await bench.sign_in.wait(pending.id) in bench.accounts.all()


async def test_denied_in_the_browser(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server)
    with pytest.raises(SignInDenied):
        await bench.sign_in.complete(await visited(pending, allow=False))
    with pytest.raises(SignInDenied):
        await bench.sign_in.wait(pending.id)
    assert progress(bench) == ["waiting", "failed"]


async def test_cancelled(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server, redirect="loopback")
    assert await bench.sign_in.cancel(pending.id)
    assert not await bench.sign_in.cancel(pending.id)
    assert not listens(pending.authorization.redirect_uri)
    with pytest.raises(SignInDenied):
        await bench.sign_in.wait(pending.id)
    with pytest.raises(SignInExpired):
        await bench.sign_in.wait("unheard-of")
    assert progress(bench) == ["waiting", "cancelled"]


async def test_cancelled_while_the_code_is_redeemed(
    bench: Bench, server: AuthorizationServer
) -> None:
    pending = await bench.begin(server)
    uri = await visited(pending)
    server.change_faults(delay={"token": 0.2})
    completing = asyncio.ensure_future(bench.sign_in.complete(uri))
    await until(lambda: server.token_requests("authorization_code"))
    assert await bench.sign_in.cancel(pending.id)
    with pytest.raises(SignInExpired):
        await completing
    assert bench.accounts.all() == []
    assert server.live_refresh_tokens() == []
    assert progress(bench) == ["waiting", "cancelled"]


async def test_nobody_came_back_in_time(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_sign_ins, "LIFETIME", 0.3)
    pending = await bench.begin(server, redirect="loopback")
    uri = await visited(pending)
    bench.clock.advance(0.4)
    with pytest.raises(SignInExpired):
        await bench.sign_in.wait(pending.id)
    assert not listens(uri)
    with pytest.raises(SignInExpired):
        await bench.sign_in.complete(uri)
    assert progress(bench) == ["waiting", "expired"]


async def test_a_stop_ends_what_waits(bench: Bench, server: AuthorizationServer) -> None:
    pending = await bench.begin(server, redirect="loopback")
    await bench.sign_in.close()
    with pytest.raises(SignInExpired):
        await bench.sign_in.wait(pending.id)
    assert not listens(pending.authorization.redirect_uri)


async def test_only_the_last_ends_are_remembered(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_sign_ins, "AT_ONCE", 1)
    ids = []
    for _ in range(2):
        pending = await bench.begin(server)
        await bench.sign_in.cancel(pending.id)
        ids.append(pending.id)
    with pytest.raises(SignInExpired):
        await bench.sign_in.wait(ids[0])
    with pytest.raises(SignInDenied):
        await bench.sign_in.wait(ids[1])


# Speckle: no state -------------------------------------------------------------------------------


async def test_a_second_sign_in_at_the_same_address_waits(
    bench: Bench, speckle: SpeckleServer
) -> None:
    first = await bench.begin(speckle)
    with pytest.raises(TooMany):
        await bench.begin(speckle)
    second = asyncio.ensure_future(bench.begin(speckle, patience=20))
    await asyncio.sleep(0.05)
    assert not second.done()
    await bench.sign_in.complete(await visited(first))
    _, account = await bench.sign_in.complete(await visited(await second, "bob"))
    assert len(bench.accounts.all()) == 2
    assert account.identity != bench.accounts.all()[0].identity or bench.accounts.all()[1]


async def test_two_ways_back_do_not_wait_for_each_other(
    bench: Bench, speckle: SpeckleServer
) -> None:
    first = await bench.begin(speckle, redirect="scheme")
    second = await bench.begin(speckle, redirect="paste")
    _, bob = await bench.sign_in.complete(await visited(second, "bob"))
    _, alice = await bench.sign_in.complete(await visited(first, "alice"))
    assert bob.identity.subject != alice.identity.subject


async def test_a_slow_beginning_is_not_waited_for_for_ever(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_sign_in, "_OPENING", 0.05)
    release, inside = asyncio.Event(), asyncio.Event()
    begin = bench.speckle.begin

    async def slow(*args: object) -> object:
        inside.set()
        await release.wait()
        return await begin(*args)

    monkeypatch.setattr(bench.speckle, "begin", slow)
    first = asyncio.ensure_future(bench.begin(speckle))
    await inside.wait()
    with pytest.raises(TooMany):
        await bench.begin(speckle)
    release.set()
    assert await first


async def test_five_refused_codes_end_it(bench: Bench, speckle: SpeckleServer) -> None:
    pending = await bench.begin(speckle)
    for left in (4, 3, 2, 1):
        with pytest.raises(InvalidRequest):
            await bench.sign_in.complete("speckle://account?access_code=stranger")
        assert (pending.tries_left, pending.busy) == (left, False)
    with pytest.raises(InvalidRequest):
        await bench.sign_in.complete("speckle://account?access_code=stranger")
    with pytest.raises(InvalidRequest):
        await bench.sign_in.wait(pending.id)
    assert bench.sign_in.waiting() == ()


async def test_a_strangers_code_does_not_stop_the_persons_own(
    bench: Bench, speckle: SpeckleServer
) -> None:
    pending = await bench.begin(speckle)
    with pytest.raises(InvalidRequest):
        await bench.sign_in.complete("speckle://account?access_code=stranger")
    _, account = await bench.sign_in.complete(await visited(pending))
    assert account in bench.accounts.all()


async def test_what_only_the_person_can_mend_is_told_to_who_waits(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(bench.store, "add", full)
    pending = await bench.begin(speckle)
    with pytest.raises(StorageUnavailable):
        await bench.sign_in.complete(await visited(pending))
    with pytest.raises(StorageUnavailable):
        await bench.sign_in.wait(pending.id)
    assert pairs(speckle) == []
    assert bench.told(AccountAdded) == []


async def test_a_taken_port_is_said(bench: Bench, speckle: SpeckleServer) -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # held by somebody else it is taken as well
            holder.bind(("127.0.0.1", 29363))
            holder.listen()
        with pytest.raises(RedirectUnavailable):
            await bench.begin(speckle, redirect="loopback")
