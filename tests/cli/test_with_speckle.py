"""What the command line shares with other programs, with Speckle's own variables and files."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from manager.practice.speckle_server import SpeckleServer
from tests.agent.in_process import running_agent
from tests.workshop.stage import CommandLine

pytestmark = pytest.mark.anyio
SCOPES = ("profile:read", "profile:email", "tokens:read", "tokens:write", "streams:read")
WHO = "alice@example.com"


@pytest.fixture
def speckle() -> Iterator[SpeckleServer]:
    with SpeckleServer() as started:
        yield started


@pytest.fixture
async def line(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch, short_home: Path
) -> AsyncIterator[CommandLine]:
    monkeypatch.setenv("HOME", str(short_home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "SPECKLE_USERDATA_PATH"):
        monkeypatch.delenv(name, raising=False)
    async with running_agent(monkeypatch, home=short_home):
        yield CommandLine()


def rows(home: Path) -> list[str]:
    """What Speckle's connectors read."""
    database = home / ".config" / "Speckle" / "Accounts.db"
    if not database.exists():
        return []
    connection = sqlite3.connect(database)
    try:
        return [row[0] for row in connection.execute("SELECT content FROM objects")]
    finally:
        connection.close()


async def imported(line: CommandLine, server: SpeckleServer, home: Path) -> str:
    """A token of a script's `.env` file becomes an account."""
    token = server.issue_personal_token("alice", SCOPES)
    file = home / ".env"
    file.write_text(f"export SPECKLE_TOKEN='{token}'\nSPECKLE_SERVER={server.url}/ # ours\n")
    done = await line.run("import", "--env-file", str(file))
    assert done.out == f"Took over {WHO} at {server.url}.\n"
    return token


async def test_a_script_gets_back_what_its_file_held(
    line: CommandLine, speckle: SpeckleServer, short_home: Path
) -> None:
    token = await imported(line, speckle, short_home)
    done = await line.run("exec", WHO, "--", "sh", "-c", 'echo "$SPECKLE_TOKEN at $SPECKLE_SERVER"')
    assert done.out == f"{token} at {speckle.url}\n"
    assert (await line.run("env", WHO, "--format", "json")).json == {
        "SPECKLE_TOKEN": token, "SPECKLE_SERVER": speckle.url,
    }  # fmt: skip


async def test_signing_it_out_leaves_the_script_its_token(
    line: CommandLine, speckle: SpeckleServer, short_home: Path
) -> None:
    token = await imported(line, speckle, short_home)
    assert (await line.run("check")).status == 0
    assert (await line.run("logout", WHO, "--json")).json["revoked"] is False
    assert speckle.accepts(token)


async def test_a_token_is_made_kept_and_revoked(
    line: CommandLine, speckle: SpeckleServer, short_home: Path
) -> None:
    await imported(line, speckle, short_home)
    kind = "personal_access_token"
    create = ["credentials", "create", WHO, kind, "--set", "name=nightly"]
    made = await line.run(*create, "--set", "scopes=profile:read")
    assert (made.status, speckle.accepts(made.out.strip())) == (0, True)
    assert "nightly" in (await line.run("credentials", WHO)).out
    revoked = await line.run("credentials", "revoke", WHO, "nightly", "--yes")
    assert (revoked.status, speckle.accepts(made.out.strip())) == (0, False)
    assert (await line.run("credentials", WHO, kind)).out.count("nightly") == 0


async def test_connectors_of_today_see_it_while_the_person_wants_it(
    line: CommandLine, speckle: SpeckleServer, short_home: Path
) -> None:
    token = await imported(line, speckle, short_home)
    on = await line.run("export", WHO, "--yes")
    assert (on.status, "plain text" in on.err) == (0, True)
    (content,) = rows(short_home)
    assert token in content
    assert "signed in (exported)" in (await line.run("accounts")).out
    off = await line.run("export", WHO, "--off")
    assert (off.status, rows(short_home)) == (0, [])
