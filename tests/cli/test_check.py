"""account-manager check, as a process against a real agent."""

from __future__ import annotations

import pytest

from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio


async def test_every_account_and_what_its_server_says(stage: Stage) -> None:
    await stage.key(1)
    await stage.key(2)
    done = await stage.run("check")
    assert done.status == 0
    assert done.out.splitlines()[0].split() == ["ACCOUNT", "SERVER", "KIND", "VERDICT"]
    assert done.out.count("signed in") == 2
    stage.server.keys.pop("k2")
    done = await stage.run("check")
    assert done.status == 77
    assert "signed out: The workshop does not know this key any more." in done.out
    assert (await stage.run("check", "person1@workshop.example")).status == 0
    as_json = await stage.run("check", "person2@workshop.example", "--json")
    assert as_json.status == 77
    (checked,) = as_json.json["accounts"]
    assert (checked["verdict"], checked["identity"]) == ("signed_out", "person2@workshop.example")


async def test_a_server_that_is_away_gives_no_verdict(stage: Stage) -> None:
    await stage.key()
    stage.server.away = True
    done = await stage.run("check")
    assert done.status == 75
    assert "not known: The workshop is closed." in done.out
    stage.server.away = False
    assert (await stage.run("check")).status == 0


async def test_nobody_signed_in(stage: Stage) -> None:
    assert "account-manager login" in (await stage.run("check")).out
    assert (await stage.run("check", "nobody")).status == 67
