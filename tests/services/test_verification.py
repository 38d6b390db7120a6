"""Is this still signed in? What a server's word changes, and what it does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.credential import ApiKey
from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    ProviderError,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
    StorageUnavailable,
)
from manager.core.events import AccountUpdated, AttentionRaised, DefaultChanged
from manager.core.provider_abilities import SignedOutThere, StillSignedIn
from manager.core.secret import Secret
from manager.practice.authorization_server import AuthorizationServer
from manager.services.verification import may_move
from tests.services.bench import Bench
from tests.services.typing_provider import URL, result

pytestmark = pytest.mark.anyio
HERE = Server(URL, "Typing")
NEW = Server("https://new.example", "Typing", moved_from=URL)


async def with_key(bench: Bench, key: str = "alice-1") -> Account:
    came = result("alice", ApiKey(Secret(key), "X-Key", ""), key=f"#{key}")
    return await bench.completion.keep(bench.typing, came)


async def with_session(bench: Bench) -> Account:
    return await bench.completion.keep(bench.typing, result("alice", bench.typing.session()))


async def test_still_signed_in_and_nothing_new(bench: Bench) -> None:
    account = await with_key(bench)
    verdict = await bench.verification.verify(account.id)
    assert (verdict.signed_in, verdict.account, verdict.message) == (True, account, "")
    assert bench.told(AccountUpdated) == []


async def test_what_is_new_is_kept(bench: Bench) -> None:
    account = await with_key(bench)
    who = Identity("id-alice", "a@new.example", "Alice A.", key="other")
    bench.typing.verdict = StillSignedIn(replace(HERE, name="Renamed"), who, ("write",), ("admin",))
    verdict = await bench.verification.verify(account.id)
    assert verdict.account == replace(
        account,
        server=Server(URL, "Renamed"),
        identity=replace(who, key="#alice-1"),
        scopes=("write",),
        roles=("admin",),
        revision=2,
    )
    assert (await bench.store.load())[0] == [verdict.account]
    assert [event.account for event in bench.told(AccountUpdated)] == [verdict.account]
    bench.typing.verdict = StillSignedIn(HERE, replace(who, subject="somebody-else"))
    assert (await bench.verification.verify(account.id)).account.identity.label == "a@new.example"


async def test_a_key_that_is_refused_needs_its_person(bench: Bench) -> None:
    account = await with_key(bench)
    bench.typing.verdict = SignedOutThere("The key was deleted.")
    verdict = await bench.verification.verify(account.id)
    assert (verdict.signed_in, verdict.message) == (False, "The key was deleted.")
    assert verdict.account.state == AttentionNeeded(AttentionReason.REVOKED)
    assert len(bench.told(AttentionRaised)) == 1
    again = await bench.verification.verify(account.id)
    assert again.account.revision == verdict.account.revision
    bench.typing.verdict = None
    assert (await bench.verification.verify(account.id)).account.state == SignedIn()


async def test_what_renews_is_renewed_before_it_counts_as_signed_out(bench: Bench) -> None:
    account = await with_session(bench)
    bench.typing.verdict = SignedOutThere()
    verdict = await bench.verification.verify(account.id)
    assert (verdict.signed_in, bench.typing.refreshed) == (True, 1)
    bench.typing.trouble = [RefreshRefused("no")]
    verdict = await bench.verification.verify(account.id)
    assert not verdict.signed_in
    assert "no longer accepts" in verdict.message
    assert verdict.account.state == AttentionNeeded(AttentionReason.REFRESH_REFUSED)


@pytest.mark.parametrize(
    "trouble", [ServerUnreachable("away"), RateLimited("slow"), ProviderError("broken")]
)
async def test_no_verdict_changes_nothing(bench: Bench, trouble: Exception) -> None:
    account = await with_key(bench)
    bench.typing.verdict = trouble
    with pytest.raises(type(trouble)):
        await bench.verification.verify(account.id)
    session = await with_session(bench)
    bench.typing.verdict, bench.typing.trouble = SignedOutThere(), [ServerUnreachable("away")]
    with pytest.raises(ServerUnreachable):
        await bench.verification.verify(session.id)
    assert all(each.state == SignedIn() for each in bench.accounts.all())
    assert bench.accounts.holding(account.id).account is account


async def test_a_kind_that_cannot_be_asked(bench: Bench, server: AuthorizationServer) -> None:
    renewing = await bench.planted(server, 1)
    assert (await bench.verification.verify(renewing.id)).signed_in
    assert server.token_requests("refresh_token") == 1
    lasting = await bench.planted(server, 2, refresh_token=None)
    with pytest.raises(InvalidRequest, match="no way to ask"):
        await bench.verification.verify(lasting.id)
    server.revoke_everything()
    verdict = await bench.verification.verify(renewing.id)
    assert (verdict.signed_in, verdict.account.state) == (
        False,
        AttentionNeeded(AttentionReason.REFRESH_REFUSED),
    )
    with pytest.raises(AccountNotFound):
        await bench.verification.verify("nobody")


async def test_many_who_ask_are_one_question(bench: Bench) -> None:
    account = await with_key(bench)
    await asyncio.gather(*(bench.verification.verify(account.id) for _ in range(20)))
    assert bench.typing.verified == 1


async def test_a_verdict_on_what_is_gone_does_not_count(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await with_key(bench)

    async def late(*_: object) -> object:
        newer = result("alice", ApiKey(Secret("alice-2"), "X-Key", ""), key="#alice-2")
        await bench.completion.keep(bench.typing, newer, renewing=account)
        return verdict

    monkeypatch.setattr(bench.typing, "verify", late)
    verdict: Any = SignedOutThere()
    assert (await bench.verification.verify(account.id)).signed_in
    verdict = StillSignedIn(HERE, scopes=("of-the-old-one",))
    assert (await bench.verification.verify(account.id)).account.scopes == ("read",)


async def test_a_full_disk_is_no_reason_to_say_signed_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await with_key(bench)

    async def full(*_: object) -> None:
        raise StorageUnavailable("full")

    monkeypatch.setattr(bench.store, "update", full)
    bench.typing.verdict = StillSignedIn(HERE, roles=("admin",))
    verdict = await bench.verification.verify(account.id)
    assert (verdict.signed_in, verdict.account) == (True, account)


# A server that moves -----------------------------------------------------------------------------


async def test_a_move_is_followed_and_the_old_address_still_means_it(bench: Bench) -> None:
    account, other = await with_key(bench), await with_key(bench, "alice-2")
    await bench.accounts.set_default(account.id, "server")
    bench.typing.verdict = StillSignedIn(NEW)
    moved = (await bench.verification.verify(account.id)).account
    assert moved.server == NEW
    assert bench.accounts.defaults.per_server == ((NEW.url, account.id),)
    assert bench.told(DefaultChanged)[-1].scope == NEW.url
    for address in (NEW.url, URL):
        assert bench.accounts.choose(None, address) == moved
    stored, defaults = await bench.store.load()
    assert moved in stored
    assert defaults == bench.accounts.defaults
    await bench.verification.verify(other.id)
    assert len(bench.accounts.all()) == 2


@pytest.mark.parametrize(
    "where",
    [
        Server("http://new.example", "T", URL),
        Server("http://127.0.0.1:9", "T", URL),
        Server("https://new.example/", "T", URL),
        Server("https://new.example", "T"),
        Server("https://new.example", "T", "https://other.example"),
        Server("javascript:1", "T", URL),
    ],
)
async def test_a_move_that_is_not_followed(bench: Bench, where: Server) -> None:
    account = await with_key(bench)
    bench.typing.verdict = StillSignedIn(where)
    assert (await bench.verification.verify(account.id)).account == account


async def test_nobody_moves_onto_an_account_that_is_there(bench: Bench) -> None:
    account = await with_key(bench)
    there = result("alice", ApiKey(Secret("x")), key="#alice-1", server=Server(NEW.url, "T"))
    await bench.completion.keep(bench.typing, there)
    bench.typing.verdict = StillSignedIn(NEW)
    assert (await bench.verification.verify(account.id)).account == account


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("https://a.example", "https://b.example", True),
        ("https://a.example", "https://localhost", False),
        ("http://localhost:1", "http://127.0.0.1:2", True),
        ("http://localhost:1", "https://b.example", True),
        ("https://a.example", "https://user@b.example", False),
    ],
)
def test_where_credentials_may_go(old: str, new: str, may: bool) -> None:
    assert may_move(old, new) is may
