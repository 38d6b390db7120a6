"""The file that today's programs read holds exactly the accounts that the person chose."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.credential import ApiKey, ClientRegistration, OAuthTokens
from manager.core.errors import StorageUnavailable
from manager.core.moment import Moment, Validity
from manager.core.provider_abilities import ExportedAccount
from manager.core.secret import Secret
from manager.system.randomness import SystemRandomness

from . import foreign_accounts as foreign

pytestmark = pytest.mark.anyio
URL = "https://speckle.example"


def account(email: str = "ada@example.org", url: str = URL, **server: str) -> Account:
    identity = Identity("u-" + email, email, "Ada L", "https://pictures.example/ada.png")
    return Account("id-" + email + url, "speckle", Server(url, "Example", **server), identity)


def exported(token: str = "a" * 42, *, default: bool = False, **which: str) -> ExportedAccount:
    validity = Validity(Moment(0, 0, "b"), None)
    credential = OAuthTokens(
        Secret(token), "Bearer", validity, f"{URL}/auth/token", ClientRegistration("sdm"),
        refresh_token=Secret("secret-refresh-" + token),
    )  # fmt: skip
    return ExportedAccount(account(**which), credential, default)


def key(email: str, url: str = URL) -> str:
    return hashlib.md5((email + url).encode()).hexdigest().upper()


@pytest.fixture
def folder(home: Path) -> Path:
    return home / ".config" / "Speckle"


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "Accounts.db"


def rows(path: Path) -> dict:
    return {name: json.loads(content) for name, content in foreign.read(path).items()}


def holds(path: Path, text: str) -> bool:
    """Whether the text stands in the file, its log or the log's index."""
    files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
    return any(text.encode() in each.read_bytes() for each in files if each.exists())


async def test_a_row_is_whole(at_home, path) -> None:
    await at_home.export([exported(default=True, moved_from="https://old.example")])
    assert rows(path) == {
        key("ada@example.org"): {
            "id": key("ada@example.org"),
            "token": "a" * 42,
            "refreshToken": None,
            "isDefault": True,
            "isOnline": True,
            "serverInfo": {
                "name": "Example",
                "company": None,
                "version": None,
                "description": None,
                "frontend2": True,
                "url": URL,
                "migration": {"movedFrom": "https://old.example", "movedTo": None},
            },
            "userInfo": {
                "id": "u-ada@example.org",
                "name": "Ada L",
                "email": "ada@example.org",
                "company": None,
                "avatar": "https://pictures.example/ada.png",
            },
        }
    }
    assert not holds(path, "secret-refresh")


async def test_the_file_is_as_the_programs_make_it_and_for_its_owner_alone(
    at_home, path, folder
) -> None:
    old = os.umask(0o022)
    try:
        await at_home.export([exported()])
    finally:
        os.umask(old)
    with closing(sqlite3.connect(path)) as database:
        (sql,) = database.execute("SELECT sql FROM sqlite_master").fetchone()
        (journal,) = database.execute("PRAGMA journal_mode").fetchone()
        database.execute("SELECT * FROM objects").fetchall()
        beside = [folder / ("Accounts.db" + end) for end in ("-wal", "-shm")]
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, *beside)]
    assert sql.replace(" ", "") == foreign.TABLE.replace("IF NOT EXISTS ", "").replace(
        " ", ""
    ).rstrip(";")
    assert journal == "wal"
    assert modes == [0o600, 0o600, 0o600]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_what_is_taken_out_leaves_no_byte(at_home, path) -> None:
    with closing(sqlite3.connect(path.parent.mkdir(parents=True) or path)) as reader:
        reader.execute("PRAGMA journal_mode=wal")
        for number in range(30):  # as many renewals, seen by a program that keeps the file open
            await at_home.export([exported(f"canary{number:036}")])
            reader.execute("SELECT * FROM objects").fetchall()
        assert holds(path, f"canary{29:036}")
        assert not any(holds(path, f"canary{number:036}") for number in range(29))
        await at_home.export([])
        assert rows(path) == {}
        assert not holds(path, "canary")
        assert not holds(path, "ada@example.org")
    assert not holds(path, "canary")


async def test_a_long_row_leaves_no_byte_either(at_home, path) -> None:
    await at_home.export([exported("canary" + "x" * 3000), exported(email="b@example.org")])
    await at_home.export([exported(email="b@example.org")])
    assert not holds(path, "canary")
    assert set(rows(path)) == {key("b@example.org")}


async def test_nothing_is_made_for_nothing(at_home, home) -> None:
    await at_home.export([])
    assert list(home.iterdir()) == []


async def test_foreign_rows_stay_as_they_are(at_home, path, folder) -> None:
    theirs = foreign.row("https://other.example", "t" * 42, "r" * 42)
    foreign.write(folder, theirs, "not json")
    before = foreign.read(path)
    await at_home.export([exported(default=True), exported("b" * 42, email="b@example.org")])
    now = foreign.read(path)
    assert {name: now[name] for name in before} == before
    assert len(now) == 4
    await at_home.export([])
    assert foreign.read(path) == before


async def test_one_default_and_theirs_again_afterwards(at_home, path, folder) -> None:
    theirs = foreign.row("https://other.example", "t" * 42, isDefault=True)
    foreign.write(folder, theirs)
    await at_home.export([exported(), exported(email="b@example.org")])
    assert [each["id"] for each in rows(path).values() if each["isDefault"]] == [theirs["id"]]
    await at_home.export([exported(), exported(email="b@example.org", default=True)])
    found = rows(path)
    assert [name for name, each in found.items() if each["isDefault"]] == [key("b@example.org")]
    assert found[theirs["id"]] == {**theirs, "isDefault": False}
    await at_home.export([exported(default=True), exported(email="b@example.org")])
    assert [name for name, each in rows(path).items() if each["isDefault"]] == [
        key("ada@example.org")
    ]
    await at_home.export([])
    assert rows(path) == {theirs["id"]: theirs}


async def test_a_default_chosen_meanwhile_elsewhere_stands(at_home, path, folder) -> None:
    first = foreign.row("https://first.example", "t" * 42, isDefault=True)
    second = foreign.row("https://second.example", "u" * 42)
    foreign.write(folder, first, second)
    await at_home.export([exported(default=True)])
    foreign.write(folder, {**second, "isDefault": True})
    await at_home.export([])
    assert {name for name, each in rows(path).items() if each["isDefault"]} == {second["id"]}


async def test_the_same_person_in_a_foreign_row_is_left_alone(at_home, path, folder) -> None:
    theirs = foreign.row(URL, "t" * 42, "r" * 42, email="ada@example.org")
    assert theirs["id"] == key("ada@example.org")
    foreign.write(folder, theirs)
    await at_home.export([exported(default=True)])
    assert rows(path) == {theirs["id"]: {**theirs, "isDefault": True}}
    await at_home.export([])
    assert rows(path) == {theirs["id"]: theirs}


async def test_a_row_that_another_program_took_over_is_its_own(at_home, path, folder) -> None:
    await at_home.export([exported()])
    theirs = foreign.row(URL, "new" * 14, "r" * 42, email="ada@example.org")
    foreign.write(folder, theirs)
    await at_home.export([exported("b" * 42)])
    await at_home.export([])
    assert rows(path) == {theirs["id"]: theirs}


async def test_a_row_that_another_program_only_touched_is_still_ours(at_home, path, folder) -> None:
    await at_home.export([exported(default=True)])
    (ours,) = rows(path).values()
    foreign.write(folder, {**ours, "isDefault": False, "isOnline": False})
    await at_home.export([exported(default=True)])
    (again,) = rows(path).values()
    assert again == ours
    await at_home.export([])
    assert rows(path) == {}


async def test_a_person_with_sign_in_and_key_is_one_row(at_home, path) -> None:
    signed_in = exported()
    key_of = replace(signed_in, credential=ApiKey(Secret("k" * 42)), default=False)
    await at_home.export([key_of, signed_in])
    (row,) = rows(path).values()
    assert row["token"] == "a" * 42
    await at_home.export([replace(key_of, default=True), signed_in])
    (row,) = rows(path).values()
    assert row["token"] == "k" * 42
    assert row["isDefault"]


async def test_without_an_address_the_row_still_fits(at_home, path) -> None:
    await at_home.export([exported(email="Ada")])
    (row,) = rows(path).values()
    assert row["userInfo"]["email"] == ""
    assert row["id"] == hashlib.md5(URL.encode()).hexdigest().upper()


async def test_our_own_rows_are_not_found_for_import(at_home, path) -> None:
    await at_home.export([exported()])
    assert await at_home.found_accounts() == []
    await at_home.export([])
    assert await at_home.found_accounts() == []


async def test_both_places_where_programs_disagree(clock, home, tmp_path) -> None:
    from manager.providers.speckle import SpeckleProvider

    places = [tmp_path / "config", tmp_path / "share"]
    environ = {
        "HOME": str(home), "XDG_CONFIG_HOME": str(places[0]), "XDG_DATA_HOME": str(places[1])
    }  # fmt: skip
    data = tmp_path / "data"
    provider = SpeckleProvider(None, clock, SystemRandomness(), environ, data)
    files = [each / "Speckle" / "Accounts.db" for each in places]
    assert all(str(each) in provider.export_warning for each in files)
    assert "plain text" in provider.export_warning
    await provider.export([exported()])
    assert all(len(rows(each)) == 1 for each in files)
    # What was written where nobody looks any more is taken out there as well.
    moved = SpeckleProvider(None, clock, SystemRandomness(), {"HOME": str(home)}, data)
    await moved.export([exported()])
    assert all(rows(each) == {} for each in files)
    assert len(rows(home / ".config" / "Speckle" / "Accounts.db")) == 1


async def test_the_record_holds_no_token(at_home, tmp_path) -> None:
    await at_home.export([exported("canary" * 7)])
    (record,) = (tmp_path / "data").iterdir()
    assert "canary" not in record.read_text()
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


async def test_a_lost_record_leaves_the_rows_alone(at_home, path, tmp_path) -> None:
    await at_home.export([exported()])
    (record,) = (tmp_path / "data").iterdir()
    record.write_text("{broken")
    await at_home.export([])
    assert len(rows(path)) == 1


async def test_killed_between_row_and_record_nothing_is_forgotten(
    at_home, path, monkeypatch
) -> None:
    """What was written down first says whose the row is."""
    from manager.providers.speckle import account_export

    def killed(*args: object) -> None:
        rewrite(*args)
        raise KeyboardInterrupt

    rewrite = account_export.rewrite
    monkeypatch.setattr(account_export, "rewrite", killed)
    with pytest.raises(KeyboardInterrupt):
        at_home._export._export({key("x"): json.dumps({"token": "t" * 42})}, None)
    monkeypatch.undo()
    assert len(rows(path)) == 1
    await at_home.export([])
    assert rows(path) == {}


async def test_an_older_journal_becomes_a_log(at_home, path, folder) -> None:
    foreign.write(folder, foreign.row("https://other.example", "t" * 42), wal=False)
    path.chmod(0o644)
    await at_home.export([exported()])
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_trouble_is_a_sentence_and_cleared_later(at_home, path, folder) -> None:
    await at_home.export([exported("canary" * 7)])
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM objects").fetchall()
        with pytest.raises(StorageUnavailable) as caught:
            await at_home.export([])
        assert "log" in caught.value.message
        assert "canary" not in repr(caught.value)
        reader.execute("COMMIT")
    await at_home.export([])
    assert not holds(path, "canary")


async def test_a_file_that_is_no_database(at_home, path, folder) -> None:
    folder.mkdir(parents=True)
    path.write_bytes(b"this is no database, but long enough to be looked at" * 40)
    before = path.read_bytes()
    with pytest.raises(StorageUnavailable, match="damaged"):
        await at_home.export([exported()])
    assert path.read_bytes() == before


async def test_a_folder_that_cannot_be_made(at_home, home) -> None:
    (home / ".config").write_text("a file")
    with pytest.raises(StorageUnavailable) as caught:
        await at_home.export([exported()])
    assert caught.value.hint


async def test_a_reader_sees_whole_states_only_and_is_never_kept_out(at_home, path) -> None:
    both = [exported(default=True), exported("b" * 42, email="b@example.org")]
    await at_home.export(both)
    stop, failures, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            try:
                with closing(sqlite3.connect(path)) as reader:  # waits 5 s, as specklepy does
                    found = reader.execute("SELECT content FROM objects").fetchall()
            except sqlite3.Error as error:
                failures.append(error)
            else:
                defaults = [json.loads(content)["isDefault"] for (content,) in found]
                seen.add((len(found), sum(defaults)))

    reading = threading.Thread(target=read)
    reading.start()
    try:
        for number in range(60):
            changed = (
                both
                if number % 2
                else [replace(both[0], default=False), replace(both[1], default=True)]
            )
            await at_home.export(changed)
    finally:
        stop.set()
        reading.join()
    assert failures == []
    assert seen == {(2, 1)}
