"""account-manager env, as a process against a real agent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from manager.core.consent import ConsentMode
from tests.workshop.server import WorkshopServer
from tests.workshop.stage import Stage, open_stage

pytestmark = pytest.mark.anyio


async def test_a_shell_takes_them(stage: Stage) -> None:
    account = await stage.session()
    done = await stage.run("env", account.identity.label)
    assert done.status == 0
    assert "valid until" in done.err
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", done.out + 'printf %s "$WORKSHOP_TOKEN"', stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode() in stage.server.access


async def test_every_format(stage: Stage) -> None:
    account = await stage.key()
    (key,) = stage.server.keys.values()
    variables = {"WORKSHOP_URL": stage.server.url, "WORKSHOP_TOKEN": key.secret}
    shell = await stage.run("env")
    assert shell.out.splitlines() == [f"export {name}={each}" for name, each in variables.items()]
    assert shell.err == ""  # a key without an end
    dotenv = await stage.run("env", "--server", stage.server.url, "--format=dotenv")
    assert dotenv.out.splitlines() == [f"{name}={each}" for name, each in variables.items()]
    assert (await stage.run("env", account.id, "--format", "json")).json == variables
    assert (await stage.run("env", "--json")).json == {
        "account": account.id, "variables": variables, "expires_at": None,
    }  # fmt: skip


async def test_a_refusal_is_a_sentence_with_a_hint(stage: Stage, anyio_backend: str) -> None:
    await stage.key(key_id="fixed")
    done = await stage.run("env")
    assert (done.status, done.out) == (64, "")
    assert done.err.splitlines() == ["A fixed key is not for scripts.", "Make another key."]
    assert (await stage.run("env", "nobody")).status == 67


async def test_the_command_line_asks_as_a_connector(
    monkeypatch: pytest.MonkeyPatch, workshop: WorkshopServer, short_home: Path
) -> None:
    async with open_stage(monkeypatch, workshop, short_home, consent=ConsentMode.DENY) as stage:
        await stage.key()
        for words in (["env"], ["exec", "--", "env"]):
            done = await stage.run(*words)
            assert (done.status, done.out) == (77, "")
