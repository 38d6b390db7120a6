from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from manager.core.consent import Capability, Verdict
from manager.core.credential import SigningKey
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.ipc import gatekeeper
from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Refused, Running
from tests.services.typing_provider import URL, TypingProvider, result

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


async def test_signing_is_another_capability_than_getting_tokens(
    typing: tuple[Running, TypingProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, provider = typing
    control, connector = await running.caller(control=True), await running.caller()
    asked: list[Capability] = []

    def only_sign(_mode: object, _who: object, _account: object, what: Capability) -> Verdict:
        asked.append(what)
        return Verdict.ALLOW if what is Capability.SIGN_REQUESTS else Verdict.DENY

    monkeypatch.setattr(gatekeeper, "decide", only_sign)
    came = result("alice", SigningKey("public", Secret("private")))
    for capability, allowed in (("sign", True), ("headers", False), ("token", False)):
        provider.device = [replace(came, capabilities=(capability,))]
        begun = await control.call("sign_in.begin", server=URL, provider="typing", method="device")
        account = (await control.call("sign_in.wait", sign_in=begun["sign_in"]))["account"]["id"]
        asking = connector.call(
            "request.headers", account=account, method="post", url=f"{URL}/x", body_sha256="0" * 64
        )
        if allowed:
            assert (await asking)["headers"] == {"X-Signature": f"signed POST {'0' * 64}"}
        else:
            with pytest.raises(Refused, match="consent_denied"):
                await asking
    assert Capability.GET_TOKENS in asked


async def test_a_key_that_the_server_still_accepts(
    typing: tuple[Running, TypingProvider],
) -> None:
    running, provider = typing
    control, connector = await running.caller(control=True), await running.caller()
    begun = await control.call("sign_in.begin", server=URL, provider="typing", form="api_key")
    done = await control.call("sign_in.submit", sign_in=begun["sign_in"], fields={"key": "alice-1"})
    account = done["account"]["id"]
    token = await connector.call("token.get", account=account)
    assert token["token_type"] == "X-Key"
    rejected = hashlib.sha256(token["access_token"].encode()).hexdigest()
    with pytest.raises(Refused, match="scope_not_granted"):
        await connector.call("token.refresh", account=account, rejected=rejected)
    assert (await control.call("accounts.verify", account=account))["verdict"] == "signed_in"
    provider.verdict = SignedOutThere("Deleted.")
    verdict = await control.call("accounts.verify", account=account)
    assert (verdict["verdict"], verdict["message"]) == ("signed_out", "Deleted.")
    assert verdict["account"]["reason"] == "revoked"
