"""What other programs and variables hold becomes an account, and stays theirs at the server."""

from __future__ import annotations

import pytest

from tests.agent.in_process import Refused
from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio


async def test_what_another_program_keeps_is_found_and_taken_over(stage: Stage) -> None:
    keys = stage.keep_elsewhere("one", "two")
    control = await stage.running.caller(control=True)
    found = (await control.call("accounts.find"))["found"]
    assert [(each["id"], each["known"], each["problem"]) for each in found] == [
        ("one", False, None), ("two", False, None),
    ]  # fmt: skip
    assert all(key not in str(found) for key in keys)
    taken = await control.call("accounts.import", provider="workshop", found="two")
    account = taken["account"]
    assert account["identity"] == "ada@workshop.example"
    connector = await stage.running.caller()
    assert (await connector.call("token.get", account=account["id"]))["access_token"] == keys[1]
    found = (await control.call("accounts.find"))["found"]
    assert [each["known"] for each in found] == [True, True]


async def test_it_is_never_revoked_behind_the_other_program(stage: Stage) -> None:
    (key,) = stage.keep_elsewhere("one")
    control = await stage.running.caller(control=True)
    taken = await control.call("accounts.import", provider="workshop", found="one")
    removed = await control.call("accounts.remove", account=taken["account"]["id"])
    assert removed["revoked"] is False
    assert stage.provider.revoked == []
    assert [each.secret for each in stage.server.keys.values()] == [key]


async def test_our_own_sign_in_is_not_replaced(stage: Stage) -> None:
    stage.keep_elsewhere("one")
    control = await stage.running.caller(control=True)
    first = await control.call("accounts.import", provider="workshop", found="one")
    revision = stage.running.agent.accounts.all()[0].revision
    again = await control.call("accounts.import", provider="workshop", found="one")
    assert again["account"]["id"] == first["account"]["id"]
    (account,) = stage.running.agent.accounts.all()
    assert account.revision == revision


async def test_one_that_needs_its_person_is_mended_by_it(stage: Stage) -> None:
    (key,) = stage.keep_elsewhere("one")
    control = await stage.running.caller(control=True)
    first = (await control.call("accounts.import", provider="workshop", found="one"))["account"]
    held = dict(stage.server.keys)
    stage.server.keys.clear()
    verdict = await control.call("accounts.verify", account=first["id"])
    assert verdict["account"]["state"] == "attention_needed"
    stage.server.keys.update(held)
    again = (await control.call("accounts.import", provider="workshop", found="one"))["account"]
    assert (again["id"], again["state"]) == (first["id"], "signed_in")
    token = await (await stage.running.caller()).call("token.get", account=first["id"])
    assert token["access_token"] == key


async def test_one_that_cannot_be_taken_says_why(stage: Stage) -> None:
    (stage.home / ".workshop.json").write_text("{")
    control = await stage.running.caller(control=True)
    (found,) = (await control.call("accounts.find"))["found"]
    assert found["problem"] == "It is no JSON."
    stage.keep_elsewhere("one")
    stage.server.keys.clear()
    for params, kind in (
        ({"provider": "workshop", "found": "gone"}, "account_not_found"),
        ({"provider": "workshop", "found": "one"}, "credentials_refused"),
        ({"provider": "oidc", "found": "one"}, "invalid_request"),
        ({"provider": "nobody", "found": "one"}, "invalid_request"),
        ({"provider": "workshop"}, "invalid_request"),
        ({"provider": "workshop", "found": "one", "variables": {}}, "invalid_request"),
    ):
        with pytest.raises(Refused, match=kind):
            await control.call("accounts.import", **params)
    assert (await control.call("accounts.list"))["accounts"] == []


async def test_a_provider_that_fails_to_look_hides_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise OSError("canary")

    monkeypatch.setattr(stage.provider, "found_accounts", fail)
    control = await stage.running.caller(control=True)
    assert "workshop" not in {
        each["provider"] for each in (await control.call("accounts.find"))["found"]
    }


async def test_variables_become_an_account(stage: Stage) -> None:
    control = await stage.running.caller(control=True)
    variables = {**stage.variables(), "WORKSHOP_COLOUR": "red", "OTHER": "x"}
    (read,) = (await control.call("variables.read", variables=variables))["providers"]
    assert (read["provider"], read["server_url"]) == ("workshop", stage.server.url)
    assert read["holds_credential"] is True
    assert {note["name"]: note["honoured"] for note in read["notes"]} == {
        "WORKSHOP_URL": True, "WORKSHOP_TOKEN": True, "WORKSHOP_COLOUR": False,
    }  # fmt: skip
    assert stage.server.requests == []  # no server is asked to read them
    taken = await control.call("accounts.import", provider="workshop", variables=variables)
    removed = await control.call("accounts.remove", account=taken["account"]["id"])
    assert removed["revoked"] is False


@pytest.mark.parametrize(
    "variables", [{"A": 1}, {"WORKSHOP_TOKEN": "x" * 70_000}, {f"A{n}": "" for n in range(300)}]
)
async def test_what_is_no_environment_is_refused(stage: Stage, variables: dict) -> None:
    control = await stage.running.caller(control=True)
    with pytest.raises(Refused, match="invalid_request"):
        await control.call("variables.read", variables=variables)


async def test_the_kinds_of_server_and_their_variables(stage: Stage) -> None:
    control = await stage.running.caller(control=True)
    kinds = {each["id"]: each for each in (await control.call("providers.list"))["providers"]}
    assert kinds["workshop"]["variables"] == ["WORKSHOP_URL", "WORKSHOP_TOKEN", "WORKSHOP_COLOUR"]
    assert kinds["oidc"]["variables"] == []
    assert kinds["oidc"]["name"]
