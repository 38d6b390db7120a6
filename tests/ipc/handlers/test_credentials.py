"""`credentials.*` against a real server: kinds, listing, making, keeping, revoking, refusals."""

from __future__ import annotations

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.agent.in_process import Caller, Refused
from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def control(stage: Stage) -> Caller:
    return await stage.running.caller(control=True)


async def test_kinds_with_their_fields_and_what_is_missing(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    keys, gates = (await control.call("credentials.kinds", account=account.id))["kinds"]
    assert (keys["id"], keys["can_create"], keys["can_revoke"]) == ("key", True, True)
    assert [field["name"] for field in keys["fields"]] == ["name", "scopes", "pin"]
    assert [field["kind"] for field in keys["fields"]] == ["text", "words", "secret"]
    assert (gates["can_create"], gates["can_revoke"]) == (False, False)
    assert gates["unavailable"] == "Only the foreman opens gates."
    with pytest.raises(Refused, match="scope_not_granted"):
        await control.call("credentials.list", account=account.id, kind="gate")
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("credentials.list", account=account.id, kind="other")


async def test_one_is_made_listed_and_revoked(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    of_key = {"account": account.id, "kind": "key"}
    values = {"name": " job ", "scopes": "read, write"}
    made = await control.call("credentials.create", **of_key, values=values)
    (key,) = stage.server.keys.values()
    assert (key.name, key.scopes) == ("job", ("read", "write"))
    assert made["secret"] == key.secret
    assert "account" not in made
    listed = (await control.call("credentials.list", **of_key))["credentials"]
    assert listed == [made["credential"]]
    assert key.secret not in str(listed)
    assert listed[0]["hint"] == f"…{key.secret[-4:]}"
    answer = await control.call("credentials.revoke", **of_key, credential=key.id)
    assert answer == {"revoked": True}
    assert stage.server.keys == {}
    assert len((await control.call("accounts.list"))["accounts"]) == 1


@pytest.mark.parametrize("values", [{}, {"name": ""}, {"name": "a", "x": "y"}, {"name": 1}])
async def test_values_are_checked_before_the_server_is_asked(
    stage: Stage, control: Caller, values: dict
) -> None:
    account = await stage.session()
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("credentials.create", account=account.id, kind="key", values=values)
    assert stage.server.requests == []


async def test_one_is_kept_as_an_account_and_shown_to_nobody(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    made = await control.call(
        "credentials.create", account=account.id, kind="key", values={"name": "job"}, keep=True
    )
    (key,) = stage.server.keys.values()
    assert "secret" not in made
    assert key.secret not in str(made)
    token = await (await stage.running.caller()).call("token.get", account=made["account"]["id"])
    assert token["access_token"] == key.secret
    removed = await control.call("accounts.remove", account=made["account"]["id"])
    assert removed["revoked"] is True  # it is ours: nobody else has it
    assert stage.server.keys == {}


async def test_one_that_cannot_be_an_account_is_shown_all_the_same(
    stage: Stage, control: Caller
) -> None:
    account = await stage.session()
    made = await control.call(
        "credentials.create", account=account.id, kind="key", values={"name": "loose"}, keep=True
    )
    assert made["secret"] == stage.server.keys["k1"].secret
    assert "account" not in made


async def test_one_that_cannot_be_kept_does_not_live_on(
    stage: Stage, control: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from manager.core.errors import StorageUnavailable

    account = await stage.session()

    async def refuse(*_: object) -> None:
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(stage.running.agent.store, "add", refuse)
    with pytest.raises(Refused, match="storage_unavailable"):
        await control.call(
            "credentials.create", account=account.id, kind="key", values={"name": "job"}, keep=True
        )
    assert stage.server.keys == {}


async def test_an_ended_token_is_renewed_once_and_the_question_asked_again(
    stage: Stage, control: Caller
) -> None:
    account = await stage.session()
    stage.server.access.clear()
    listed = await control.call("credentials.list", account=account.id, kind="key")
    assert listed == {"credentials": []}
    assert stage.server.requests == ["GET /keys", "GET /me", "POST /refresh", "GET /keys"]


async def test_the_servers_last_word_signs_the_account_out(stage: Stage, control: Caller) -> None:
    session, key = await stage.session(1), await stage.key(2)
    stage.server.access.clear()
    stage.server.refresh.clear()
    stage.server.keys.clear()
    for account in (session, key):
        with pytest.raises(Refused, match="sign_in_required"):
            await control.call("credentials.list", account=account.id, kind="key")
        shown = await control.call("accounts.get", account=account.id)
        assert shown["state"] == "attention_needed"


async def test_what_the_account_lacks_is_named(stage: Stage, control: Caller) -> None:
    account = await stage.session()
    stage.server.scopes = ("read",)
    with pytest.raises(Refused, match="scope_not_granted") as refused:
        await control.call("credentials.list", account=account.id, kind="key")
    assert "'keys'" in refused.value.error["message"]
    shown = await control.call("accounts.get", account=account.id)
    assert shown["state"] == "signed_in"


async def test_a_server_that_is_away_says_nothing_about_the_account(
    stage: Stage, control: Caller
) -> None:
    account = await stage.session()
    stage.server.away = True
    with pytest.raises(Refused, match="server_unreachable"):
        await control.call("credentials.list", account=account.id, kind="key")
    shown = await control.call("accounts.get", account=account.id)
    assert shown["state"] == "signed_in"


async def test_kinds_of_server_without_them(
    stage: Stage, control: Caller, server: AuthorizationServer
) -> None:
    account = await stage.running.signed_in(server)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("credentials.kinds", account=account["id"])
