from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from manager.core.errors import AccountNotFound
from manager.practice.authorization_server import AuthorizationServer
from manager.services import avatars
from tests.services.bench import Bench

pytestmark = pytest.mark.anyio


async def test_a_picture_is_fetched_once(bench: Bench, server: AuthorizationServer) -> None:
    account = await bench.signed_in(server)
    first, second = await asyncio.gather(*(bench.avatars.get(account.id) for _ in range(2)))
    assert first is not None
    assert first.media_type == "image/png"
    assert second is first is await bench.avatars.get(account.id)
    assert server.counters["picture"] == 1
    with pytest.raises(AccountNotFound):
        await bench.avatars.get("nobody")


async def test_nobody_is_asked_for_a_picture_that_is_not(
    bench: Bench, server: AuthorizationServer
) -> None:
    account = await bench.planted(server, 1)
    assert await bench.avatars.get(account.id) is None
    assert server.requests == []


async def test_only_so_many_are_kept(
    bench: Bench, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(avatars, "_MOST", 1)
    account = await bench.signed_in(server)
    bob = await bench.signed_in(server, "bob")
    for each in (account, bob, account):
        assert await bench.avatars.get(each.id)
    assert server.counters["picture"] == 3
    current = bench.accounts.holding(account.id)
    url = f"{server.url}/picture/bob.png"
    current.account = replace(
        current.account, identity=replace(current.account.identity, avatar_url=url)
    )
    assert await bench.avatars.get(account.id) == await bench.avatars.get(bob.id)
