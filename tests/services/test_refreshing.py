"""Mark before send, store before release, and every way in which it can go wrong."""

from __future__ import annotations

import asyncio

import pytest

from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.errors import (
    AccountNotFound,
    AnswerLost,
    KeychainLocked,
    ProviderError,
    RateLimited,
    ServerUnreachable,
    SignInRequired,
    StorageUnavailable,
)
from manager.core.events import AccountUpdated, AttentionRaised
from manager.core.ports import WriteOutcome
from manager.core.secret import Secret
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.memory_keychain import Trouble
from manager.practice.speckle_server import SpeckleServer
from manager.services.holdings import LastAttempt
from tests.services.bench import Bench, open_bench, pairs, until

pytestmark = pytest.mark.anyio


def sent(server: AuthorizationServer) -> list[str]:
    """The refresh tokens that the server was sent, in order."""
    forms = (request.form for request in server.requests if request.endpoint == "token")
    return [form["refresh_token"] for form in forms if "refresh_token" in form]


def refuse_disk(monkeypatch: pytest.MonkeyPatch, bench: Bench, *methods: str) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise StorageUnavailable("The disk is full.")

    for method in methods:
        monkeypatch.setattr(bench.store, method, refuse)


async def test_the_new_credential_is_stored_before_anybody_gets_it(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.planted(server, 1)
    steps: list[str] = []
    for owner, name in (
        (bench.store, "mark_refresh"), (bench.oidc, "refresh"), (bench.store, "replace"),
    ):  # fmt: skip
        original = getattr(owner, name)

        async def noted(*args: object, _call=original, _name=name, **more: object) -> object:
            steps.append(_name)
            if _name == "refresh":
                assert await bench.store.refresh_marked(account.id)
            return await _call(*args, **more)

        monkeypatch.setattr(owner, name, noted)
    credential = await bench.refresh(account.id)
    assert steps == ["mark_refresh", "refresh", "replace"]
    assert await bench.store.credential(account.id) == credential == bench.held(account.id)
    assert not await bench.store.refresh_marked(account.id)
    assert sent(server) == ["refresh-1"]
    assert bench.accounts.holding(account.id).account.revision == account.revision + 1
    assert bench.told(AccountUpdated)


async def test_the_granted_scopes_are_kept(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.planted(server, 1, scopes=("api", "profile"))
    server.change_faults(narrow_scope="profile")
    await bench.refresh(account.id)
    assert bench.accounts.holding(account.id).account.scopes == ("profile",)
    assert (await bench.store.load())[0][0].scopes == ("profile",)


async def test_a_lost_answer_is_asked_for_once_more_in_the_grace_window(
    bench: Bench, server: AuthorizationServer
) -> None:
    server.change_faults(lost_answers=1, grace=30.0)
    account = await bench.planted(server, 1)
    credential = await bench.refresh(account.id)
    assert sent(server) == ["refresh-1", "refresh-1"]
    assert server.accepts(credential.access_token.reveal())
    assert bench.accounts.holding(account.id).last_attempt is LastAttempt.OK
    assert not await bench.store.refresh_marked(account.id)


async def test_a_lost_answer_without_a_grace_window_is_uncertain(
    bench: Bench, server: AuthorizationServer
) -> None:
    server.change_faults(lost_answers=1)
    account = await bench.planted(server, 1)
    with pytest.raises(SignInRequired):
        await bench.refresh(account.id)
    state = bench.accounts.holding(account.id).account.state
    assert state == AttentionNeeded(AttentionReason.REFRESH_UNCERTAIN)
    assert (await bench.store.load())[0][0].state == state


async def test_two_lost_answers_leave_the_mark_for_the_next_try(
    bench: Bench, server: AuthorizationServer
) -> None:
    server.change_faults(lost_answers=2, grace=30.0)
    account = await bench.planted(server, 1)
    with pytest.raises(AnswerLost):
        await bench.refresh(account.id)
    assert await bench.store.refresh_marked(account.id)
    holding = bench.accounts.holding(account.id)
    assert (holding.last_attempt, holding.account.state) == (LastAttempt.UNCERTAIN, SignedIn())
    await bench.refresh(account.id)
    assert sent(server) == ["refresh-1"] * 3
    assert not await bench.store.refresh_marked(account.id)


async def test_an_agent_that_died_between_question_and_answer(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.store.mark_refresh(account.id)
    await bench.store.close()
    async with open_bench(bench.folder, clock=bench.clock, memory=bench.memory) as again:
        server.change_faults(refuse_refresh="invalid_grant")
        with pytest.raises(SignInRequired):
            await again.refresh(account.id)
        reason = AttentionReason.REFRESH_UNCERTAIN
        assert again.accounts.holding(account.id).account.state == AttentionNeeded(reason)


async def test_trouble_after_a_lost_answer_keeps_the_mark(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.store.mark_refresh(account.id)
    server.change_faults(rate_limited={"token": "7"})
    with pytest.raises(RateLimited):
        await bench.refresh(account.id)
    assert await bench.store.refresh_marked(account.id)


async def test_a_refusal_is_final_and_said_once(bench: Bench, server: AuthorizationServer) -> None:
    server.change_faults(refuse_refresh="invalid_grant")
    account = await bench.planted(server, 1)
    with pytest.raises(SignInRequired):
        await bench.refresh(account.id)
    (raised,) = bench.told(AttentionRaised)
    assert raised.account.state == AttentionNeeded(AttentionReason.REFRESH_REFUSED)
    for _ in range(5):
        bench.clock.advance(4000)
        await bench.tick()
    assert len(sent(server)) == 1


@pytest.mark.parametrize(
    ("faults", "error", "attempt"),
    [
        ({"unavailable": {"token": 503}}, ServerUnreachable, LastAttempt.UNREACHABLE),
        ({"rate_limited": {"token": "7"}}, RateLimited, LastAttempt.UNREACHABLE),
        ({"captive_portal": "page"}, AnswerLost, LastAttempt.UNCERTAIN),
        ({"captive_portal": "redirect"}, ServerUnreachable, LastAttempt.UNREACHABLE),
        ({"unavailable": {"token": 502}}, AnswerLost, LastAttempt.UNCERTAIN),
        ({"refuse_refresh": "temporarily_unavailable"}, ServerUnreachable, LastAttempt.UNREACHABLE),
        ({"refuse_refresh": "no_such_error"}, ProviderError, LastAttempt.OK),
    ],
)
async def test_trouble_is_never_signed_out(
    bench: Bench, server: AuthorizationServer, faults: dict, error: type, attempt: LastAttempt
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(**faults)
    with pytest.raises(error):
        await bench.refresh(account.id)
    holding = bench.accounts.holding(account.id)
    assert (holding.account.state, holding.failures) == (SignedIn(), 1)
    assert holding.last_attempt is attempt
    uncertain = attempt is LastAttempt.UNCERTAIN  # a success or a gateway: perhaps carried out
    assert await bench.store.refresh_marked(account.id) is uncertain
    assert bench.held(account.id).refresh_token == Secret("refresh-1")


async def test_a_server_that_is_away(bench: Bench) -> None:
    with AuthorizationServer() as server:
        account = await bench.planted(server, 1)
    with pytest.raises(ServerUnreachable):
        await bench.refresh(account.id)
    assert bench.accounts.holding(account.id).account.state == SignedIn()


async def test_what_the_disk_refuses_is_kept_and_stored_later_without_asking_again(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.planted(server, 1)
    with monkeypatch.context() as full:
        refuse_disk(full, bench, "replace")
        for _ in range(3):
            with pytest.raises(StorageUnavailable):
                await bench.refresh(account.id)
    holding = bench.accounts.holding(account.id)
    assert holding.unsaved is not None
    assert bench.held(account.id).access_token == Secret("access-1")
    bench.clock.advance(1000)
    await bench.tick()
    assert holding.unsaved is None
    assert sent(server) == ["refresh-1"]
    assert server.accepts(bench.held(account.id).access_token.reveal())
    assert await bench.store.credential(account.id) == bench.held(account.id)


async def test_no_room_for_the_answer_means_that_nothing_is_sent(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.planted(server, 1)
    refuse_disk(monkeypatch, bench, "mark_refresh")
    with pytest.raises(StorageUnavailable):
        await bench.refresh(account.id)
    assert sent(server) == []


async def test_a_mark_that_cannot_be_cleared_does_not_hide_the_trouble(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(unavailable={"token": 503})
    refuse_disk(monkeypatch, bench, "clear_refresh_mark")
    with pytest.raises(ServerUnreachable):
        await bench.refresh(account.id)


async def test_a_verdict_counts_although_the_disk_does_not_take_it(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(refuse_refresh="invalid_grant")
    refuse_disk(monkeypatch, bench, "update")
    with pytest.raises(SignInRequired):
        await bench.refresh(account.id)
    bench.clock.advance(4000)
    await bench.tick()
    assert len(sent(server)) == 1


async def test_signing_out_during_a_refresh_revokes_what_it_brings(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(delay={"token": 0.2})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: server.token_requests("refresh_token"))
    await bench.accounts.remove(account.id)
    with pytest.raises(AccountNotFound):
        await refresh
    assert server.live_access_tokens() == []
    assert server.live_refresh_tokens() == []


async def test_signing_out_while_the_answer_is_being_stored(
    bench: Bench, speckle: SpeckleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.signed_in(speckle)
    replace = bench.store.replace

    async def overtaken(*args: object, **more: object) -> WriteOutcome:
        await bench.accounts.remove(account.id)
        return await replace(*args, **more)

    monkeypatch.setattr(bench.store, "replace", overtaken)
    with pytest.raises(AccountNotFound):
        await bench.refresh(account.id)
    assert len(pairs(speckle)) == 1  # the first one; what came is gone


async def test_a_refusal_of_revocation_does_not_hide_that_the_account_is_gone(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(delay={"token": 0.2}, unavailable={"revocation": 500})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: server.token_requests("refresh_token"))
    await bench.accounts.remove(account.id)
    with pytest.raises(AccountNotFound):
        await refresh


@pytest.mark.parametrize("needing", [True, False])
async def test_a_result_that_waited_needs_a_revision_that_still_stands(
    bench: Bench, server: AuthorizationServer, needing: bool
) -> None:
    account = await bench.planted(server, 1)
    server.change_faults(delay={"token": 0.2})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: server.token_requests("refresh_token"))
    current = bench.held(account.id)
    if needing:
        await bench.accounts.need_attention(account, AttentionReason.KEY_CORRUPT)
        with pytest.raises(SignInRequired):
            await refresh
    else:
        await bench.accounts.replace(account, current, retire_at=None)
        assert await refresh is current
    assert bench.held(account.id) is current
    assert server.live_refresh_tokens() == []


async def test_what_cannot_be_renewed_needs_the_person(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1, refresh_token=None)
    with pytest.raises(SignInRequired):
        await bench.refresh(account.id)
    state = bench.accounts.holding(account.id).account.state
    assert state == AttentionNeeded(AttentionReason.NOT_RENEWABLE)


async def test_a_locked_keychain_is_noted_so_that_nothing_spins(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    await bench.store.close()
    async with open_bench(bench.folder, clock=bench.clock, memory=bench.memory) as again:
        again.memory.trouble = Trouble.LOCKED
        bench.clock.advance(4000)
        for _ in range(50):
            assert await again.tick() > 0 or again.accounts.holding(account.id).failures
        assert again.accounts.holding(account.id).failures == 1
        with pytest.raises(KeychainLocked):
            await again.refresh(account.id)
        assert again.accounts.holding(account.id).failures == 2
        again.memory.trouble = Trouble.NONE
        bench.clock.advance(1000)
        await again.tick()
        assert sent(server) == ["refresh-1"]


async def test_a_providers_own_mistake_is_a_failure_like_others(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistaken(*_: object) -> None:
        raise KeyError("oops")

    account = await bench.planted(server, 1)
    monkeypatch.setattr(bench.oidc, "refresh", mistaken)
    bench.clock.advance(4000)
    for _ in range(20):
        await bench.tick()
    holding = bench.accounts.holding(account.id)
    assert (holding.failures, type(holding.failure)) == (1, ProviderError)
