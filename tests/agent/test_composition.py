"""Every method of the message table, asked of the agent as it is composed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import anyio
import pytest

from manager.client.protocol.messages import ACCOUNT, AGENT, METHODS, SIGN_IN
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import Person
from tests.agent.in_process import Caller, Refused, Running
from tests.services.typing_provider import URL
from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio
SHAPES: dict[str, Any] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) in (int, float),
    "bool": lambda value: isinstance(value, bool),
    "strs": lambda value: isinstance(value, list) and all(isinstance(v, str) for v in value),
    "object": lambda value: isinstance(value, dict),
    "objects": lambda value: isinstance(value, list) and all(isinstance(v, dict) for v in value),
}


def check(result: Mapping[str, Any], table: Mapping[str, str], *but: str) -> None:
    """Exactly the members of the table; only those with a `?` may be absent or null."""
    assert set(result) <= set(table), set(result) - set(table)
    for name, shape in table.items():
        value = result.get(name)
        if value is None:
            assert shape.endswith("?"), name
        elif name not in but:
            assert SHAPES[shape.rstrip("?")](value), (name, value)


async def everything(stage: Stage, server: AuthorizationServer) -> dict[str, Any]:
    """The result of every method, in an order that a person could live through."""
    running = stage.running
    control = await running.caller(control=True)
    results: dict[str, Any] = {}

    async def ask(method: str, /, **params: Any) -> Any:
        results[method] = await control.call(method, **params)
        return results[method]

    await ask("hello", protocol=1, connector={"name": "test", "version": "1"})
    await ask("events.subscribe", topics=["account.added", "sign_in.progress"])
    await ask("servers.list")
    await ask("servers.probe", url=server.url)
    begun = await ask("sign_in.begin", server=server.url, client_id="account-manager")
    await ask("sign_in.list")
    uri = await anyio.to_thread.run_sync(Person().visit, begun["authorization_url"])
    account = (await ask("sign_in.complete", uri=uri))["account"]["id"]
    await ask("sign_in.wait", sign_in=begun["sign_in"])
    await ask("sign_in.cancel", sign_in=begun["sign_in"])
    form = await control.call("sign_in.begin", server=URL, provider="typing", form="api_key")
    await ask("sign_in.submit", sign_in=form["sign_in"], fields={"key": "alice-1"})
    await ask("accounts.verify", account=results["sign_in.submit"]["account"]["id"])
    await ask("accounts.list")
    await ask("accounts.get", account=account)
    await ask("accounts.avatar", account=account)
    await ask("accounts.set_default", **{"account": account, "for": "server"})
    await ask("token.get", account=account)
    await ask("token.refresh", account=account, rejected="0" * 64)
    await ask("request.headers", account=account, method="get", url=f"{server.url}/userinfo")
    await everything_that_few_kinds_can(stage, ask)
    await ask("agent.status")
    await ask("agent.unlock")
    await ask("accounts.remove", account=account)
    await ask("agent.stop")
    return results


async def everything_that_few_kinds_can(
    stage: Stage, ask: Callable[..., Coroutine[Any, Any, Any]]
) -> None:
    account = (await stage.session()).id
    await ask("token.variables", account=account)
    await ask("credentials.kinds", account=account)
    made = await ask("credentials.create", account=account, kind="key", values={"name": "job"})
    await ask("credentials.list", account=account, kind="key")
    key = made["credential"]["id"]
    await ask("credentials.revoke", account=account, kind="key", credential=key)
    await ask("accounts.set_export", account=account, exported=True)
    await ask("providers.list")
    variables = stage.variables()
    await ask("variables.read", variables=variables)
    await ask("accounts.import", provider="workshop", variables=variables)
    stage.keep_elsewhere("one")
    assert (await ask("accounts.find"))["found"]


async def test_every_method_of_the_table_answers_as_the_table_says(
    stage: Stage, server: AuthorizationServer
) -> None:
    results = await everything(stage, server)
    of_a_file_vault = {"agent.change_passphrase"}  # tests/ipc/handlers/test_agent.py
    assert set(results) | of_a_file_vault == set(METHODS)
    for method, result in results.items():
        but = ("revoked",) if method == "accounts.remove" else ()
        check(result, METHODS[method].result, *but)
    for account in (
        results["sign_in.complete"]["account"],
        results["sign_in.wait"]["account"],
        results["sign_in.submit"]["account"],
        *results["accounts.list"]["accounts"],
    ):
        check(account, ACCOUNT)
    (pending,) = results["sign_in.list"]["sign_ins"]
    check(pending, SIGN_IN)
    assert results["accounts.remove"]["revoked"] is True
    assert results["request.headers"]["headers"]["Authorization"].startswith("Bearer ")
    assert results["servers.list"]["servers"]
    assert stage.running.stopping.is_set()


async def test_the_connectors_socket_has_the_connectors_methods_only(running: Running) -> None:
    connector = await running.caller()
    for method, entry in METHODS.items():
        kinds = set()
        try:
            await connector.call(method)
        except Refused as refused:
            kinds.add(refused.kind)
        assert ("unknown_method" in kinds) is (entry.socket != AGENT), method
    assert not running.stopping.is_set()


async def test_a_restart_brings_everything_back_without_the_keychain(
    running: Running, server: AuthorizationServer
) -> None:
    account = await running.signed_in(server)
    calls = running.memory.calls
    listed = await (await running.caller()).call("accounts.list")
    assert [each["id"] for each in listed["accounts"]] == [account["id"]]
    assert running.memory.calls == calls


async def test_the_background_runs_beside_the_sockets(
    running: Running, server: AuthorizationServer
) -> None:
    server.change_faults(lifetime=1)
    async with asyncio.TaskGroup() as tasks:
        background = tasks.create_task(running.agent.scheduler.run())
        control: Caller = await running.caller(control=True)
        await control.call("events.subscribe", topics=["account.updated"])
        account = await running.signed_in(server)
        event = await control.heard("account.updated")
        assert event["account"]["id"] == account["id"]
        background.cancel()
    assert server.token_requests("refresh_token") >= 1
