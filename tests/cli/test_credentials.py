"""account-manager credentials, as a process against a real agent."""

from __future__ import annotations

import asyncio
import os
import pty
import sys

import pytest

from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio
WHO = "person1@workshop.example"


async def test_what_the_server_keeps(stage: Stage) -> None:
    await stage.key()
    stage.server.new_key("old\x1b[2J", "read", "write")
    done = await stage.run("credentials", WHO)
    lines = done.out.splitlines()
    assert "\x1b" not in done.out
    assert lines[0].split()[:4] == ["ID", "NAME", "KIND", "SCOPES"]
    assert lines[1].startswith("*  k1  key 1 …")
    assert "read write" in lines[2]
    assert "never" in lines[2]
    assert "* is the one that this account itself uses." in done.err
    assert "Gates: Only the foreman opens gates." in done.err
    assert f"account-manager credentials create {WHO} key" in done.err
    as_json = (await stage.run("credentials", "list", WHO, "key", "--json")).json
    assert [each["id"] for each in as_json["credentials"]] == ["k1", "k2"]
    assert [each["id"] for each in as_json["kinds"]] == ["key"]


async def test_one_is_made_and_its_secret_alone_is_printed(stage: Stage) -> None:
    await stage.session()
    done = await stage.run("credentials", "create", WHO, "--set", "name=job")
    assert done.status == 0
    (key,) = stage.server.keys.values()
    assert done.out == key.secret + "\n"
    assert (key.name, key.scopes) == ("job", ("read",))  # the field's default
    assert "shown this once" in done.err
    assert key.secret not in done.err
    asked = ["credentials", "create", WHO, "key", "--set", "name=a b", "--set", "scopes=x,y"]
    made = (await stage.run(*asked, "--json")).json
    assert made["credential"]["scopes"] == ["x", "y"]
    assert made["secret"] == stage.server.keys["k2"].secret


async def test_one_is_kept_instead(stage: Stage) -> None:
    await stage.session()
    done = await stage.run("credentials", "create", WHO, "--set", "name=job", "--keep")
    (key,) = stage.server.keys.values()
    where = f"ada@workshop.example at {stage.server.url}"
    assert done.out == f"job was made and is kept as an account: {where}.\n"
    assert key.secret not in done.out + done.err
    token = await stage.run("token", "ada@workshop.example")
    assert token.out == key.secret + "\n"


async def test_what_is_missing_is_said_and_no_value_is_shown(stage: Stage) -> None:
    await stage.session()
    missing = await stage.run("credentials", "create", WHO)
    assert (missing.status, missing.out) == (64, "")
    assert missing.err.splitlines() == ["Name is missing.", "--set name=..."]
    for word in ("pin=canary", "canary", "x=canary"):
        done = await stage.run("credentials", "create", WHO, "--set", word)
        assert (done.status, done.out) == (64, "")
        assert "canary" not in done.err
    assert stage.server.keys == {}
    unavailable = await stage.run("credentials", "create", WHO, "gate")
    assert (unavailable.status, unavailable.err.splitlines()[0]) == (
        77, "Only the foreman opens gates.",
    )  # fmt: skip
    assert (await stage.run("credentials", "create", WHO, "other")).status == 64


async def test_one_is_revoked_by_id_or_name(stage: Stage) -> None:
    await stage.session()
    for name in ("one", "two", "two"):
        stage.server.new_key(name)
    refused = await stage.run("credentials", "revoke", WHO, "one")
    assert (refused.status, len(stage.server.keys)) == (64, 3)  # nobody can be asked
    done = await stage.run("credentials", "revoke", WHO, "one", "--yes")
    assert (done.status, list(stage.server.keys)) == (0, ["k2", "k3"])
    assert "is revoked" in done.out
    unclear = await stage.run("credentials", "revoke", WHO, "two", "--yes")
    assert (unclear.status, len(stage.server.keys)) == (67, 2)
    assert (await stage.run("credentials", "revoke", WHO, "k3", "--yes")).status == 0
    assert (await stage.run("credentials", "revoke", WHO)).status == 64
    assert (await stage.run("credentials", "revoke", WHO, "none", "--yes")).status == 67


async def test_a_person_is_asked_for_the_values(stage: Stage) -> None:
    await stage.session()
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "manager", "credentials", "create", WHO,
        stdin=theirs, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(30):
        for prompt, typed in (
            (b"Name: ", b"typed name\n"),
            (b"[read]: ", b"\n"),
            (b"PIN: ", b"1\n"),
        ):
            await process.stderr.readuntil(prompt)
            os.write(ours, typed)
        out, err = await process.communicate()
    os.close(ours)
    (key,) = stage.server.keys.values()
    assert (key.name, key.scopes) == ("typed name", ("read",))
    assert out.decode() == key.secret + "\n"
    assert b"shown this once" in err


async def test_wrong_words(stage: Stage) -> None:
    await stage.session()
    assert (await stage.run("credentials")).status == 64
    assert (await stage.run("credentials", "list", WHO, "key", "more")).status == 64
    assert (await stage.run("credentials", "nobody")).status == 67
