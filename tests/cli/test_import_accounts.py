"""account-manager import, as a process against a real agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio


async def test_listing_and_taking_over(stage: Stage) -> None:
    keys = stage.keep_elsewhere("one", "two")
    listed = await stage.run("import")
    assert listed.status == 0
    lines = listed.out.splitlines()
    assert lines[0].split() == ["ID", "ACCOUNT", "SERVER", "KIND", "KEPT", "IN", "STATE"]
    assert [line.split()[0] for line in lines[1:]] == ["one", "two"]
    assert all("can be imported" in line for line in lines[1:])
    assert "account-manager import ID" in listed.err
    taken = await stage.run("import", "one")
    assert taken.out == f"Took over ada@workshop.example at {stage.server.url}.\n"
    assert "signed in here" in (await stage.run("import", "--list")).out
    again = await stage.run("import", "one")
    assert again.out == f"ada@workshop.example at {stage.server.url} is signed in here already.\n"
    assert (await stage.run("import", "--all")).out == "Nothing is left to take over.\n"
    assert all(key not in listed.out + taken.out for key in keys)
    out = await stage.run("logout", "ada@workshop.example", "--json")
    assert out.json["revoked"] is False


async def test_nothing_to_find_is_no_dead_end(stage: Stage) -> None:
    assert "No other program" in (await stage.run("import")).out
    unknown = await stage.run("import", "x")
    assert (unknown.status, unknown.err.splitlines()[0]) == (67, "Nothing is called x here.")


async def test_one_that_fails_keeps_none_from_coming(stage: Stage) -> None:
    stage.keep_elsewhere("one", "two")
    stage.server.keys.pop("k1")
    done = await stage.run("import", "--all")
    assert (done.status, done.out.count("Took over")) == (77, 1)
    assert "does not know this key" in done.err
    stage.keep_elsewhere("one")
    as_json = await stage.run("import", "one", "--json")
    assert len(as_json.json["accounts"]) == 1


async def test_an_env_file(stage: Stage, tmp_path: Path) -> None:
    variables = {**stage.variables(), "WORKSHOP_COLOUR": "${COLOUR}", "CANARY": "canary"}
    file = tmp_path / ".env"
    lines = [f"export {name}='{value}'" for name, value in variables.items()]
    file.write_text("# mine\n" + "\n".join(lines) + "\n= canary\n")
    listed = await stage.run("import", "--env-file", str(file), "--list")
    assert listed.status == 0
    assert f"Workshop for {stage.server.url}, from {file}:" in listed.out
    assert "+ WORKSHOP_TOKEN: Used to sign in." in listed.out
    assert "It holds a credential" in listed.out
    assert f"{file}, line 6 cannot be read" in listed.err
    assert "WORKSHOP_COLOUR refers to another variable" in listed.err
    assert stage.server.requests == []
    taken = await stage.run("import", "--env-file", str(file))
    assert taken.out == f"Took over ada@workshop.example at {stage.server.url}.\n"
    for done in (listed, taken):
        assert "canary" not in done.out + done.err
        assert variables["WORKSHOP_TOKEN"] not in done.out + done.err


async def test_only_what_somebody_knows_crosses_the_socket(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict] = []
    before = stage.provider.read_variables

    def read(variables: dict) -> object:
        seen.append(dict(variables))
        return before(variables)

    monkeypatch.setattr(stage.provider, "read_variables", read)
    own = {**stage.variables(), "WORKSHOP_SECRET_OF_MINE": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    done = await stage.run("import", "--environment", environ=own)
    assert done.status == 0
    assert done.out.startswith("Took over")
    assert {name for each in seen for name in each} == {"WORKSHOP_URL", "WORKSHOP_TOKEN"}


async def test_files_without_anything_of_ours(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n")
    done = await stage.run("import", "--env-file", str(file))
    assert (done.status, done.out) == (0, f"No credential that can be imported is in {file}.\n")
    typed = await stage.run("import", "--env-file", "-", typed="WORKSHOP_COLOUR=red\n")
    assert typed.err == "WORKSHOP_COLOUR: Workshops are grey.\n"
    missing = await stage.run("import", "--env-file", str(tmp_path / "none"))
    assert (missing.status, missing.out) == (64, "")
    assert (await stage.run("import", "--env-file", str(file), "--all")).status == 64
    assert (await stage.run("import", "--env-file", str(file), "--environment")).status == 64


async def test_accounts_that_look_alike_are_told_apart_by_their_ids(stage: Stage) -> None:
    stage.keep_elsewhere("one", "two")
    assert (await stage.run("import", "--all")).status == 0
    listed = await stage.run("accounts")
    ids = {each.id for each in stage.running.agent.accounts.all()}
    assert listed.out.splitlines()[0].split()[-1] == "ID"
    assert {line.split()[-1] for line in listed.out.splitlines()[1:]} == ids
    unclear = await stage.run("env", "ada@workshop.example")
    assert (unclear.status, unclear.out) == (64, "")
    assert all(f"(id {each})" in unclear.err for each in ids)
    assert "Name one by its id" in unclear.err
    assert (await stage.run("env", ids.pop())).status == 0
