"""What other programs keep is found wherever it may be, and taken over without being touched."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from manager.core.credential import ApiKey, OAuthTokens
from manager.core.errors import AccountNotFound, CredentialsRefused
from manager.core.secret import Secret
from manager.providers.speckle import SpeckleProvider
from manager.providers.speckle.data_folders import folders_read, folders_written

from . import foreign_accounts as foreign
from .signed_in import by_browser

pytestmark = pytest.mark.anyio
HOME = {"HOME": "/home/ada"}


@pytest.mark.parametrize(
    ("platform", "environ", "read", "written"),
    [
        ("linux", HOME, ["/home/ada/.config", "/home/ada/.local/share"], ["/home/ada/.config"]),
        (
            "linux",
            HOME | {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"},
            ["/c", "/d", "/home/ada/.config", "/home/ada/.local/share"],
            ["/c", "/d"],
        ),
        (
            "linux",
            HOME | {"SPECKLE_USERDATA_PATH": "/u", "XDG_DATA_HOME": "relative"},
            ["/u", "/home/ada/.config", "/home/ada/.local/share"],
            ["/u"],
        ),
        (
            "darwin",
            HOME,
            ["/home/ada/Library/Application Support", "/home/ada/.config"],
            ["/home/ada/Library/Application Support"],
        ),
        ("win32", HOME | {"APPDATA": "/roaming"}, ["/roaming"], ["/roaming"]),
        ("linux", {}, [], []),
    ],
)
def test_folders(platform, environ, read, written) -> None:
    assert [str(each.parent) for each in folders_read(environ, platform)] == read
    assert [str(each.parent) for each in folders_written(environ, platform)] == written
    assert all(each.name == "Speckle" for each in folders_read(environ, platform))


@pytest.fixture
def speckle_folder(home: Path) -> Path:
    return home / ".config" / "Speckle"


async def test_nothing_is_found_where_nothing_is(at_home, home) -> None:
    assert await at_home.found_accounts() == []
    assert list(home.iterdir()) == []


async def test_found_taken_over_and_left_as_it_is(at_home, practice, speckle_folder) -> None:
    result = await by_browser(at_home, practice)
    token = result.credential.access_token.reveal()
    refresh = result.credential.refresh_token.reveal()
    path = foreign.write(speckle_folder, foreign.row(practice.url, token, refresh))
    before = path.read_bytes()
    (found,) = await at_home.found_accounts()
    assert found.label == "alice@example.com"
    assert found.server_url == practice.url
    assert found.source == str(path)
    assert not found.problem
    assert token not in repr(found)
    taken = await at_home.take_over(found.id)
    assert taken.identity == result.identity
    assert taken.credential.imported
    assert taken.credential.access_token == Secret(token)
    assert path.read_bytes() == before
    assert practice.counters["token:refresh_token"] == 0
    # Signing out here leaves the other program signed in.
    await at_home.revoke(taken.server, taken.credential)
    assert practice.accepts(token)


async def test_the_app_is_found_by_trying_once_it_is_renewed(
    at_home, practice, speckle_folder
) -> None:
    result = await by_browser(at_home, practice)  # as `sca`
    token = result.credential.access_token.reveal()
    refresh = result.credential.refresh_token.reveal()
    foreign.write(speckle_folder, foreign.row(practice.url, token, refresh))
    (found,) = await at_home.found_accounts()
    taken = await at_home.take_over(found.id)
    refreshed = await at_home.refresh(taken.server, taken.identity, taken.credential)
    assert refreshed.credential.client.client_id == "sca"
    assert not refreshed.credential.imported
    assert refreshed.retire_after is None
    assert practice.counters["token:refresh_token"] == 2  # as sdm, then as sca
    assert practice.accepts(token)
    again = await at_home.refresh(taken.server, taken.identity, refreshed.credential)
    assert practice.counters["token:refresh_token"] == 3
    assert again.credential.client.client_id == "sca"


async def test_a_dead_token_is_renewed_as_it_is_taken_over(
    at_home, practice, speckle_folder
) -> None:
    result = await by_browser(at_home, practice)
    refresh = result.credential.refresh_token.reveal()
    foreign.write(speckle_folder, foreign.row(practice.url, "d" * 42, refresh))
    (found,) = await at_home.found_accounts()
    taken = await at_home.take_over(found.id)
    assert isinstance(taken.credential, OAuthTokens)
    assert practice.accepts(taken.credential.access_token.reveal())


async def test_dead_for_good(at_home, practice, speckle_folder) -> None:
    foreign.write(speckle_folder, foreign.row(practice.url, "d" * 42, "e" * 42))
    (found,) = await at_home.found_accounts()
    with pytest.raises(CredentialsRefused) as caught:
        await at_home.take_over(found.id)
    assert caught.value.hint


async def test_of_two_entries_of_one_person_the_living_one(
    at_home, practice, speckle_folder
) -> None:
    token = practice.issue_personal_token()
    dead = foreign.row(practice.url, "d" * 42)
    by_blender = foreign.row(practice.url + "/", token) | {"id": "zz-another-key"}
    foreign.write(speckle_folder, dead, by_blender)
    (found,) = await at_home.found_accounts()
    assert (await at_home.take_over(found.id)).credential.key == Secret(token)


async def test_a_json_file_with_a_key(at_home, practice, home) -> None:
    folder = home / ".config" / "Speckle" / "Accounts" / "deep"
    folder.mkdir(parents=True)
    token = practice.issue_personal_token()
    path = folder / "mine.json"
    minimal = {"token": token, "serverInfo": {"url": practice.url}, "userInfo": {}}
    path.write_text(json.dumps(minimal))
    (found,) = await at_home.found_accounts()
    assert found.source == str(path)
    taken = await at_home.take_over(found.id)
    assert isinstance(taken.credential, ApiKey)
    assert taken.credential.imported
    assert taken.identity.label == "alice@example.com"


async def test_bad_rows_are_told_and_the_good_ones_found(at_home, practice, speckle_folder) -> None:
    good = foreign.row(practice.url, "t" * 42)
    path = foreign.write(
        speckle_folder,
        good,
        "not json",
        "[]",
        json.dumps({**good, "serverInfo": None}),
        json.dumps({**good, "userInfo": None}),
        json.dumps({**good, "token": None}),
        json.dumps({**good, "token": 7}),
        json.dumps({**good, "serverInfo": {"url": "http://x.example"}}),
        json.dumps({**good, "serverInfo": {}}),
        "[" * 5000,
    )
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO objects VALUES('BLOB', x'fffe00')")
        database.execute("INSERT INTO objects VALUES('NULL', NULL)")
        database.commit()
    found = await at_home.found_accounts()
    assert [each.problem for each in found[:1]] == [""]
    assert len(found) == 12
    assert all(each.problem.endswith(".") for each in found[1:])
    assert len({each.id for each in found}) == len(found)
    with pytest.raises(AccountNotFound):
        await at_home.take_over(found[1].id)
    with pytest.raises(AccountNotFound):
        await at_home.take_over("0" * 16)


async def test_files_that_cannot_be_read_are_told(at_home, speckle_folder) -> None:
    speckle_folder.mkdir(parents=True)
    path = speckle_folder / "Accounts.db"
    path.write_bytes(b"this is no database, but long enough to be looked at" * 40)
    (found,) = await at_home.found_accounts()
    assert "damaged" in found.problem
    path.unlink()
    path.mkdir()
    (found,) = await at_home.found_accounts()
    assert found.problem


async def test_an_older_program_that_writes_is_told(at_home, practice, speckle_folder) -> None:
    path = foreign.write(speckle_folder, foreign.row(practice.url, "t" * 42), wal=False)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        (found,) = await at_home.found_accounts()
        writer.execute("ROLLBACK")
    assert "locked" in found.problem
    (found,) = await at_home.found_accounts()
    assert not found.problem


async def test_looking_locks_nobody_out(at_home, practice, speckle_folder) -> None:
    path = foreign.write(speckle_folder, foreign.row(practice.url, "t" * 42))
    stop, failures, written = threading.Event(), [], 0

    def write() -> None:
        nonlocal written
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as writer:
            while not stop.is_set():
                try:
                    writer.execute("INSERT OR REPLACE INTO objects VALUES('X', '{}')")
                    written += 1
                except sqlite3.Error as error:
                    failures.append(error)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(50):
            found = await at_home.found_accounts()
            assert found[0].label == "alice@example.com"
    finally:
        stop.set()
        writing.join()
    assert written
    assert failures == []


async def test_a_file_of_a_folder_that_nobody_may_write(at_home, practice, speckle_folder) -> None:
    path = foreign.write(speckle_folder, foreign.row(practice.url, "t" * 42))
    os.chmod(path, 0o400)
    os.chmod(speckle_folder, 0o500)
    try:
        (found,) = await at_home.found_accounts()
    finally:
        os.chmod(speckle_folder, 0o700)
    assert found.source == str(path)


async def test_a_provider_without_folders_finds_nothing(clock, randomness) -> None:
    assert await SpeckleProvider(None, clock, randomness).found_accounts() == []
