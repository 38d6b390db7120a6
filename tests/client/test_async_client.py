"""The asyncio client against a real socket server that speaks the protocol."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from manager.client import AsyncClient
from manager.client.errors import (
    AgentUnavailable,
    ChooseAccount,
    ConnectionLost,
    ProtocolError,
    TimedOut,
    UnsupportedProtocol,
)

pytestmark = pytest.mark.anyio


def client_of(**named: object) -> AsyncClient:
    return AsyncClient(**{"name": "Rhino", "auto_start": False, "timeout": 5, **named})


async def test_the_same_surface_as_the_blocking_client(serve: Callable) -> None:
    server = serve()
    async with client_of() as client:
        assert (await client.token()).access_token == "canary-1"
        assert [each.id for each in await client.accounts()] == ["account-1", "account-2"]
        assert (await client.account("account-1")).state == "signed_in"
    assert server.methods() == ["hello", "token.get", "accounts.list", "accounts.get"]
    assert server.first_reads[0].count(b"\n") == 2


async def test_many_calls_are_in_flight_and_replies_come_in_any_order(
    serve: Callable, wire: object
) -> None:
    held: list[dict] = []

    def answer(peer: object, request: dict) -> None:
        held.append(request)
        if len(held) == 50:
            for each in reversed(held):
                peer.result(each, wire.token(account=each["params"]["account"]))

    server = serve(answer)
    async with client_of() as client:
        calls = (client.token(account=str(number)) for number in range(50))
        found = await asyncio.gather(*calls)
    assert [each.account for each in found] == [str(number) for number in range(50)]
    assert server.methods().count("hello") == 1


async def test_a_cancelled_caller_leaves_the_connection_usable(
    serve: Callable, wire: object
) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    held: list[dict] = []

    def answer(peer: object, request: dict) -> None:
        if not held:
            held.append(request)
            loop.call_soon_threadsafe(asked.set)
            return
        peer.result(held[0], wire.token(account="late"))
        peer.result(request, wire.token(account="mine"))

    server = serve(answer)
    async with client_of() as client:
        call = loop.create_task(client.token())
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await client.token()).account == "mine"
    assert server.methods() == ["hello", "token.get", "token.get"]


async def test_errors_have_their_types(serve: Callable) -> None:
    serve(lambda peer, request: peer.error(request, "choose_account"))
    async with client_of() as client:
        with pytest.raises(ChooseAccount):
            await client.token()


async def test_a_refused_hello_is_raised_to_every_caller(serve: Callable) -> None:
    serve().greet = lambda peer, request: peer.error(request, "unsupported_protocol")
    async with client_of() as client:
        found = await asyncio.gather(*(client.token() for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [UnsupportedProtocol] * 3


async def test_a_broken_answer_is_a_typed_error(serve: Callable) -> None:
    serve(lambda peer, request: peer.raw(b"{\n"))
    async with client_of() as client:
        with pytest.raises(ProtocolError):
            await client.token()


async def test_a_read_is_repeated_once_and_what_may_be_done_is_not(
    serve: Callable, wire: object
) -> None:
    def answer(peer: object, request: dict) -> None:
        if request["method"] == "accounts.remove" or server.methods().count("token.get") == 1:
            peer.drop()
        else:
            peer.result(request, wire.token())

    server = serve(answer)
    async with client_of() as client:
        await client.token()
        with pytest.raises(ConnectionLost):
            await client.call("accounts.remove", {"account": "account-1"})
    assert server.methods().count("token.get") == 2
    assert server.methods().count("accounts.remove") == 1


async def test_no_answer_in_time(serve: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manager.client.exchange.GRACE", 0.05)
    serve(lambda peer, request: None)
    async with client_of() as client:
        with pytest.raises(TimedOut):
            await client.token(timeout=0.05)


async def test_without_an_agent_the_error_is_typed(home: object) -> None:
    with pytest.raises(AgentUnavailable):
        await client_of().token()


async def test_events_run_beside_calls_and_go_on_after_the_agent_was_away(
    serve: Callable, wire: object
) -> None:
    def answer(peer: object, request: dict) -> None:
        if request["method"] == "token.get":
            peer.result(request, wire.token())
            return
        peer.result(request, {"topics": request["params"]["topics"]})
        peer.event("account.added", account=wire.account(7))

    server = serve(answer)
    async with (
        client_of() as client,
        contextlib.aclosing(client.events(["account.added"])) as events,
    ):
        first = await anext(events)
        assert (first.topic, first.account.id) == ("account.added", "account-7")
        await client.token()
        server.stop()
        assert (await anext(events)).topic == "connection.lost"
        server.start()
        assert (await anext(events)).topic == "connection.restored"
        assert (await anext(events)).topic == "account.added"
        await client.token()


async def test_variables(serve: Callable) -> None:
    answer = {"account": "account-1", "variables": {"A_TOKEN": "canary-1"}, "expires_at": None}
    server = serve(lambda peer, request: peer.result(request, answer))
    client = client_of()
    found = await client.variables("account-1", min_valid=600)
    await client.close()
    assert (found.account, found.variables) == ("account-1", {"A_TOKEN": "canary-1"})
    assert "canary" not in repr(found)
    assert server.requests[-1]["params"]["min_valid"] == 600
