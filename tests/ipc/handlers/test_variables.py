"""`token.variables`: what a program's environment holds, and what it never holds."""

from __future__ import annotations

import time

import pytest

from manager.core.consent import ConsentMode
from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Refused
from tests.workshop.stage import Stage, open_stage

pytestmark = pytest.mark.anyio


async def test_the_variables_of_an_account(stage: Stage) -> None:
    account = await stage.session()
    answer = await (await stage.running.caller()).call("token.variables", account=account.id)
    assert answer["account"] == account.id
    assert set(answer["variables"]) == {"WORKSHOP_URL", "WORKSHOP_TOKEN"}
    assert answer["variables"]["WORKSHOP_TOKEN"] in stage.server.access
    assert 3500 < answer["expires_at"] - time.time() < 3700


async def test_whose_is_chosen_as_for_a_token(stage: Stage) -> None:
    first, second = await stage.session(1), await stage.key(2)
    connector = await stage.running.caller()
    assert (await connector.call("token.variables"))["account"] == first.id
    with pytest.raises(Refused, match="choose_account"):
        await connector.call("token.variables", server=stage.server.url)
    await stage.running.agent.accounts.set_default(second.id, "server")
    there = await connector.call("token.variables", server=stage.server.url)
    assert (there["account"], there["expires_at"]) == (second.id, None)


async def test_they_are_good_for_some_minutes(stage: Stage) -> None:
    account = await stage.session(age=3600.0 - 200.0)
    connector = await stage.running.caller()
    brief = await connector.call("token.variables", account=account.id, min_valid=100)
    usual = await connector.call("token.variables", account=account.id)
    assert brief["variables"] != usual["variables"]
    assert usual["variables"]["WORKSHOP_TOKEN"] in stage.server.access
    assert usual["expires_at"] > brief["expires_at"]
    assert stage.server.requests == ["POST /refresh"]
    with pytest.raises(Refused, match="invalid_request"):
        await connector.call("token.variables", account=account.id, min_valid=-1)


async def test_a_provider_may_refuse_with_its_own_words(stage: Stage) -> None:
    account = await stage.key(key_id="fixed")
    with pytest.raises(Refused, match="invalid_request") as refused:
        await (await stage.running.caller()).call("token.variables", account=account.id)
    assert refused.value.error["message"] == "A fixed key is not for scripts."
    assert refused.value.error["data"]["hint"] == "Make another key."


async def test_a_kind_without_variables_says_what_to_do_instead(
    stage: Stage, server: AuthorizationServer
) -> None:
    account = await stage.running.signed_in(server)
    with pytest.raises(Refused, match="invalid_request") as refused:
        await (await stage.running.caller()).call("token.variables", account=account["id"])
    assert "account-manager token" in refused.value.error["data"]["hint"]


async def test_nobody_gets_them_without_consent(
    monkeypatch: pytest.MonkeyPatch, workshop: object, short_home: object
) -> None:
    denying = open_stage(monkeypatch, workshop, short_home, consent=ConsentMode.DENY)
    async with denying as stage:
        account = await stage.session()
        for control in (False, True):
            peer = await stage.running.caller(control=control)
            for params in ({"account": account.id}, {"account": "unknown"}):
                with pytest.raises(Refused, match="consent_denied"):
                    await peer.call("token.variables", **params)
