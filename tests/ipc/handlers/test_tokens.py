from __future__ import annotations

import hashlib

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Refused, Running

pytestmark = pytest.mark.anyio


async def test_which_account(running: Running, server: AuthorizationServer) -> None:
    alice, bob = [await running.signed_in(server, name) for name in ("alice", "bob")]
    caller, control = await running.caller(), await running.caller(control=True)
    with pytest.raises(Refused) as refused:
        await caller.call("token.get", server=server.url)
    assert refused.value.kind == "choose_account"
    choices = refused.value.error["data"]["choices"]
    assert {each["account"] for each in choices} == {alice["id"], bob["id"]}
    assert (await caller.call("token.get"))["account"] == alice["id"]  # the first, so the default
    await control.call("accounts.set_default", **{"account": bob["id"], "for": "server"})
    assert (await caller.call("token.get", server=server.url))["account"] == bob["id"]


async def test_from_memory_and_renewed(running: Running, server: AuthorizationServer) -> None:
    account = await running.signed_in(server)
    caller = await running.caller()
    first = await caller.call("token.get", account=account["id"])
    assert server.accepts(first["access_token"])
    assert await caller.call("token.get", account=account["id"]) == first
    running.agent.accounts.holding(account["id"]).credential = None  # as after a start
    assert (await caller.call("token.get", account=account["id"]))["access_token"] == first[
        "access_token"
    ]
    rejected = hashlib.sha256(first["access_token"].encode()).hexdigest()
    second = await caller.call("token.refresh", account=account["id"], rejected=rejected)
    assert second["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("token.get", {"min_valid": -1}, "invalid_request"),
        ("token.get", {"account": "nobody"}, "account_not_found"),
        ("token.get", {"server": "https://other.example"}, "account_not_found"),
        ("token.get", {"scopes": ["no-such"]}, "scope_not_granted"),
        ("token.get", {"audience": "https://other.example"}, "scope_not_granted"),
        ("token.refresh", {"account": "?", "rejected": "abc"}, "invalid_request"),
        ("token.refresh", {"account": "nobody", "rejected": "0" * 64}, "account_not_found"),
        ("request.headers", {"account": "?", "method": "G T"}, "invalid_request"),
        ("request.headers", {"account": "?", "body_sha256": "x"}, "invalid_request"),
        ("request.headers", {"account": "?", "url": "https://evil.example"}, "invalid_request"),
    ],
)
async def test_bad_questions(
    running: Running, server: AuthorizationServer, method: str, params: dict, kind: str
) -> None:
    account = (await running.signed_in(server))["id"]
    if method == "request.headers":
        params = {"method": "GET", "url": server.url, **params}
    if params.get("account") == "?":
        params = {**params, "account": account}
    with pytest.raises(Refused) as refused:
        await (await running.caller()).call(method, **params)
    assert refused.value.kind == kind


async def test_headers(running: Running, server: AuthorizationServer) -> None:
    account = (await running.signed_in(server))["id"]
    caller = await running.caller()
    told = await caller.call(
        "request.headers",
        account=account, method="post", url=f"{server.url}/userinfo", body_sha256="0" * 64,
    )  # fmt: skip
    assert server.accepts(told["headers"]["Authorization"].removeprefix("Bearer "))
    token = await caller.call("token.get", account=account)
    assert told["expires_at"] == pytest.approx(token["expires_at"], abs=1)
