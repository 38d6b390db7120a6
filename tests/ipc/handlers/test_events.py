"""Who hears what."""

from __future__ import annotations

import hashlib

import pytest

from manager.client.protocol.messages import CONTROL_TOPICS, TOPICS
from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Refused, Running

pytestmark = pytest.mark.anyio


async def test_events_follow_an_account(running: Running, server: AuthorizationServer) -> None:
    connector, control = await running.caller(), await running.caller(control=True)
    assert await connector.call("events.subscribe", topics=list(TOPICS)) == {
        "topics": sorted(TOPICS)
    }
    await control.call("events.subscribe", topics=list(CONTROL_TOPICS))
    account = await running.signed_in(server)
    assert (await connector.heard("account.added"))["account"]["id"] == account["id"]
    changed = await connector.heard("default.changed")
    assert (changed["for"], changed["account"]["is_default"]) == ("overall", True)
    assert (await control.heard("sign_in.progress"))["status"] == "waiting"
    succeeded = await control.heard("sign_in.progress")
    assert (succeeded["status"], succeeded["account"]) == ("succeeded", account["id"])
    await control.call("accounts.remove", account=account["id"])
    assert (await connector.heard("account.removed"))["account"]["id"] == account["id"]


async def test_attention_is_told(running: Running, server: AuthorizationServer) -> None:
    server.change_faults(lifetime=1, refuse_refresh="invalid_grant")
    connector = await running.caller()
    await connector.call("events.subscribe", topics=["attention.needed"])
    account = await running.signed_in(server)
    accounts = running.agent.accounts
    accounts.holding(account["id"]).credential = None  # unsealed again, as after a start
    token = await connector.call("token.get", account=account["id"], min_valid=0)
    assert token["account"] == account["id"]
    with pytest.raises(Refused, match="sign_in_required"):
        await connector.call(
            "token.refresh", account=account["id"], rejected=_sha256(token["access_token"])
        )
    told = (await connector.heard("attention.needed"))["account"]
    assert (told["state"], told["reason"]) == ("attention_needed", "refresh_refused")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_topics_are_those_of_the_socket(running: Running) -> None:
    connector = await running.caller()
    for topics in (["sign_in.progress"], ["account.added", "x"]):
        with pytest.raises(Refused) as refused:
            await connector.call("events.subscribe", topics=topics)
        assert refused.value.kind == "invalid_request"
    assert await connector.call("events.subscribe", topics=[]) == {"topics": []}


async def test_with_consent_denied_a_connector_hears_and_sees_nothing(
    denying: Running, server: AuthorizationServer
) -> None:
    connector, control = await denying.caller(), await denying.caller(control=True)
    await connector.call("events.subscribe", topics=list(TOPICS))
    await control.call("events.subscribe", topics=list(TOPICS))
    account = await denying.signed_in(server)
    await denying.signed_in(server, "bob")
    assert (await control.heard("account.added"))["account"]["id"] == account["id"]
    assert (await connector.call("accounts.list"))["accounts"] == []
    for method, params, kind in (
        ("accounts.get", {"account": account["id"]}, "account_not_found"),
        ("accounts.avatar", {"account": account["id"]}, "account_not_found"),
        ("token.get", {"account": account["id"]}, "consent_denied"),
        ("token.get", {"account": "guess"}, "consent_denied"),
        ("token.get", {"server": server.url}, "consent_denied"),
        ("token.get", {}, "consent_denied"),
        ("token.refresh", {"account": account["id"], "rejected": "0" * 64}, "consent_denied"),
        (
            "request.headers",
            {"account": account["id"], "method": "GET", "url": server.url},
            "consent_denied",
        ),
    ):
        with pytest.raises(Refused) as refused:
            await connector.call(method, **params)
        assert refused.value.kind == kind, method
        told = str(refused.value.error)
        assert account["identity"] not in told
        assert "choices" not in told
    with pytest.raises(Refused, match="consent_denied"):  # nor does the control socket leak tokens
        await control.call("token.get", account=account["id"])
    assert connector.events == []
