"""account-manager export, as a process against a real agent."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys

import pytest

from manager.practice.authorization_server import AuthorizationServer
from tests.workshop.stage import Stage

pytestmark = pytest.mark.anyio
WHO = "person1@workshop.example"


def shown(stage: Stage) -> list[str]:
    path = stage.home / ".workshop-shown.json"
    return [each["token"] for each in json.loads(path.read_text())] if path.exists() else []


async def test_on_and_off(stage: Stage) -> None:
    await stage.key()
    on = await stage.run("export", WHO, "--yes")
    assert on.status == 0
    assert on.out.startswith(f"{WHO} is shown to other programs now")
    assert on.err.splitlines()[0] == stage.provider.export_warning
    assert shown(stage) == [stage.server.keys["k1"].secret]
    off = await stage.run("export", WHO, "--off")
    assert off.out == f"{WHO} is shown to no other program any more.\n"
    assert shown(stage) == []
    as_json = await stage.run("export", WHO, "--yes", "--json")
    assert as_json.json["account"]["exported"] is True


async def test_nothing_in_plain_text_without_a_yes(stage: Stage) -> None:
    await stage.key()
    done = await stage.run("export", WHO, typed="y\n")
    assert (done.status, done.out) == (64, "")
    assert "--yes" in done.err
    assert shown(stage) == []


@pytest.mark.parametrize(("typed", "count"), [("y\n", 1), ("\n", 0), ("no\n", 0)])
async def test_the_person_is_asked(stage: Stage, typed: str, count: int) -> None:
    await stage.key()
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "manager", "export", WHO,
        stdin=theirs, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(theirs)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    os.close(ours)
    assert process.returncode == 0
    assert f"Show {WHO} there? [y/N]" in err.decode()
    assert len(shown(stage)) == count
    assert (b"Nothing was written" in out) is (count == 0)


async def test_a_kind_without_such_programs(stage: Stage, server: AuthorizationServer) -> None:
    account = await stage.running.signed_in(server)
    done = await stage.run("export", account["id"])
    assert (done.status, done.out) == (64, "")
    assert "No other program reads" in done.err
