"""Whose account it is, and what becomes of what it had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from manager.core.account import Identity
from manager.core.account_state import AttentionReason, SignedIn
from manager.core.errors import AccountNotFound, IdentityMismatch, StorageUnavailable
from manager.core.events import AccountAdded, AccountUpdated
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from manager.services.sign_in_completion import new_account_id
from tests.services.bench import Bench, pairs, until, visited
from tests.services.typing_provider import result

pytestmark = pytest.mark.anyio
PLAIN = ("api", "offline_access")


@pytest.fixture
def plain() -> Iterator[AuthorizationServer]:
    """Speaks OAuth 2 and no OpenID Connect: nobody learns who signed in."""
    with AuthorizationServer(openid=False) as started:
        yield started


async def test_the_same_person_keeps_account_and_default(
    bench: Bench, server: AuthorizationServer
) -> None:
    first = await bench.signed_in(server)
    bob = await bench.signed_in(server, "bob")
    await bench.accounts.set_default(bob.id, "overall")
    await bench.accounts.set_default(first.id, "server")
    again = await bench.signed_in(server)
    assert (again.id, again.revision) == (first.id, first.revision + 1)
    assert len(bench.accounts.all()) == 2
    assert bench.accounts.defaults.for_server(server.url) == first.id
    assert len(bench.told(AccountAdded)) == 2
    assert bench.told(AccountUpdated)[-1].account == again


async def test_signing_in_again_asks_as_the_first_time(
    bench: Bench, server: AuthorizationServer
) -> None:
    first = await bench.signed_in(server, scopes=("openid", "email", "offline_access"))
    await bench.accounts.need_attention(first, AttentionReason.REFRESH_REFUSED)
    again = await bench.signed_in(server, account=first.id, client=None)
    assert (again.id, again.state) == (first.id, SignedIn())
    asked = [dict(each.query) for each in server.requests if each.endpoint == "authorization"]
    assert asked[0]["scope"].split() == asked[-1]["scope"].split()
    assert asked[-1]["login_hint"] == first.identity.label


@pytest.mark.parametrize("ways", [("scheme", "scheme"), ("scheme", "paste")])
async def test_signing_in_again_at_speckle(
    bench: Bench, speckle: SpeckleServer, ways: tuple[str, str]
) -> None:
    first = await bench.signed_in(speckle, redirect=ways[0])
    again = await bench.signed_in(speckle, redirect=ways[1], account=first.id)
    assert again.id == first.id
    (retired,) = await bench.store.retired()
    assert retired.due == pytest.approx(bench.clock.wall + 86_400, abs=60)


async def test_somebody_else_is_refused_and_undone(
    bench: Bench, server: AuthorizationServer
) -> None:
    alice = await bench.signed_in(server)
    pending = await bench.begin(server, account=alice.id)
    with pytest.raises(IdentityMismatch):
        await bench.sign_in.complete(await visited(pending, "bob"))
    with pytest.raises(IdentityMismatch):
        await bench.sign_in.wait(pending.id)
    assert [each.id for each in bench.accounts.all()] == [alice.id]
    assert len(server.live_refresh_tokens()) == 1


async def test_somebody_else_at_speckle_ends_the_sign_in(
    bench: Bench, speckle: SpeckleServer
) -> None:
    alice = await bench.signed_in(speckle)
    pending = await bench.begin(speckle, account=alice.id)
    with pytest.raises(IdentityMismatch):
        await bench.sign_in.complete(await visited(pending, "bob"))
    assert bench.sign_in.waiting() == ()
    assert len(pairs(speckle)) == 1


async def test_an_account_without_a_name_is_taken_at_the_persons_word(
    bench: Bench, plain: AuthorizationServer
) -> None:
    first = await bench.signed_in(plain, scopes=PLAIN)
    other = await bench.signed_in(plain, "bob", scopes=PLAIN)
    assert other.id != first.id
    assert not first.identity.is_known
    again = await bench.signed_in(plain, account=first.id)
    assert (again.id, again.identity) == (first.id, first.identity)
    assert len(bench.accounts.all()) == 2


async def test_a_server_that_begins_to_say_who_it_was(
    bench: Bench, plain: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await bench.signed_in(plain, scopes=PLAIN)
    alice = Identity("subject", "alice@example.org", "Alice")

    async def known(*_: object, **__: object) -> Identity:
        return alice

    monkeypatch.setattr(bench.oidc._identification, "identity", known)
    again = await bench.signed_in(plain, account=first.id)
    assert (again.id, again.identity) == (first.id, alice)
    other = await bench.planted(plain, 7)
    monkeypatch.undo()
    nameless = await bench.signed_in(plain, scopes=PLAIN)
    monkeypatch.setattr(bench.oidc._identification, "identity", known)
    pending = await bench.begin(plain, account=nameless.id)
    with pytest.raises(IdentityMismatch):  # alice has an account of her own here
        await bench.sign_in.complete(await visited(pending))
    assert other in bench.accounts.all()


async def test_the_account_was_removed_meanwhile(
    bench: Bench, server: AuthorizationServer, plain: AuthorizationServer
) -> None:
    known = await bench.signed_in(server)
    nameless = await bench.signed_in(plain, scopes=PLAIN)
    first = await bench.begin(server, account=known.id)
    second = await bench.begin(plain, account=nameless.id)
    await bench.accounts.remove(known.id)
    await bench.accounts.remove(nameless.id)
    _, again = await bench.sign_in.complete(await visited(first))
    assert again.identity == known.identity
    with pytest.raises(AccountNotFound):
        await bench.sign_in.complete(await visited(second))


async def test_two_sign_ins_of_one_new_person_are_one_account(
    bench: Bench, server: AuthorizationServer
) -> None:
    uris = [await visited(await bench.begin(server)) for _ in range(2)]
    both = await asyncio.gather(*(bench.sign_in.complete(uri) for uri in uris))
    assert both[0][1].id == both[1][1].id
    assert len(bench.accounts.all()) == 1


async def test_it_waits_for_a_refresh_under_way(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.signed_in(server)
    uri = await visited(await bench.begin(server))
    server.change_faults(delay={"token": 0.2})
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await until(lambda: server.token_requests("refresh_token"))
    server.change_faults(delay={})
    _, again = await bench.sign_in.complete(uri)
    assert (await refresh) is not bench.held(account.id)
    assert again.revision == account.revision + 2


async def test_no_refresh_begins_with_the_credential_that_goes(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await bench.signed_in(server)
    inside, release, replace = asyncio.Event(), asyncio.Event(), bench.store.replace

    async def slow(*args: object, **more: object) -> object:
        inside.set()
        await release.wait()
        return await replace(*args, **more)

    monkeypatch.setattr(bench.store, "replace", slow)
    completing = asyncio.ensure_future(bench.signed_in(server))
    await inside.wait()
    refresh = asyncio.ensure_future(bench.refresh(account.id))
    await asyncio.sleep(0)
    release.set()
    await completing
    assert (await refresh) is bench.held(account.id)
    assert server.token_requests("refresh_token") == 0


async def test_what_cannot_be_stored_is_undone(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.signed_in(server)

    async def full(*_: object, **__: object) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(bench.store, "replace", full)
    with pytest.raises(StorageUnavailable):
        await bench.signed_in(server)
    assert len(server.live_refresh_tokens()) == 1
    server.change_faults(unavailable={"revocation": 500})
    with pytest.raises(StorageUnavailable):
        await bench.signed_in(server)


class Dashes:
    """Randomness that comes out at its worst."""

    def token(self, size: int) -> str:
        return "-7" * size

    def fraction(self) -> float:
        return 0.0


def test_an_account_s_id_can_stand_on_a_command_line():
    assert not new_account_id(Dashes()).startswith("-")


async def test_what_another_program_still_uses_is_never_retired(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    holding = bench.accounts.holding(account.id)
    imported = replace(bench.held(account.id), imported=True)
    await bench.accounts.replace(holding.account, imported, retire_at=None)
    again = await bench.signed_in(speckle, account=account.id)
    assert again.id == account.id
    assert await bench.store.retired() == []


async def test_an_imported_account_that_is_not_kept_stays_at_the_server(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(bench.store, "add", full)
    for session in (bench.typing.session(), replace(bench.typing.session(), imported=True)):
        with pytest.raises(StorageUnavailable):
            await bench.completion.keep(bench.typing, result("alice", session))
    assert [each.imported for each in bench.typing.revoked] == [False]


async def test_a_lost_key_is_replaced_by_the_next_sign_in(
    bench: Bench, speckle: SpeckleServer
) -> None:
    account = await bench.signed_in(speckle)
    bench.memory.items.clear()
    bench.store.forget_keys()
    bench.accounts.holding(account.id).credential = None
    again = await bench.signed_in(speckle)
    assert (again.id, again.state) == (account.id, SignedIn())
