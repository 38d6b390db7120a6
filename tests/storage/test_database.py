"""Disks that are full, broken, foreign or taken: a sentence each, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from manager.core.errors import StorageCorrupt, StorageUnavailable
from manager.core.ports import WriteOutcome
from manager.practice.memory_keychain import memory_keychain
from manager.storage.account_store import SealedAccountStore
from manager.storage.database import FILE, Database
from manager.storage.schema import MIGRATIONS
from tests.storage.examples import account, tokens

pytestmark = pytest.mark.anyio


class SmallDisk:
    """A file system of one MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)
        assert shutil.disk_usage(self.folder).free == 0

    def free(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("only root mounts a file system of its own size")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no mounts")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def small(disk, memory, anyio_backend):
    store = SealedAccountStore(disk.folder / "data", memory_keychain(memory))
    yield store
    await store.close()


async def test_a_full_disk_is_told_and_loses_nothing(small, disk):
    await small.add(account("a1"), tokens(1))
    before = await small.load()
    disk.fill()
    for _ in range(3):
        for call in (
            small.add(account("a2"), tokens(2)),
            small.update(account("a1", revision=2, scopes=("x" * 20_000,))),
            small.mark_refresh("a1"),
        ):
            with pytest.raises(StorageUnavailable) as caught:
                await call
            assert not isinstance(caught.value, StorageCorrupt)
            assert str(caught.value)
            assert caught.value.hint
    assert await small.load() == before
    assert await small.credential("a1") == tokens(1)
    disk.free()
    await small.add(account("a2"), tokens(2))
    await small.mark_refresh("a1")
    assert await small.replace(account("a1", revision=2), tokens(3)) is WriteOutcome.WRITTEN


async def test_what_a_marked_refresh_brings_is_stored_on_a_full_disk(small, disk, memory):
    """The server takes no older refresh token any more: this write must not fail."""
    big = tokens(2, access_token=tokens().access_token, token_type="x" * 30_000)
    await small.add(account(), tokens(1))
    await small.mark_refresh("a1")
    disk.fill()
    outcome = await small.replace(account(revision=2), big, retire_at=9.0)
    assert outcome is WriteOutcome.WRITTEN
    disk.fill()
    with pytest.raises(StorageUnavailable):
        await small.mark_refresh("a1")  # the reserve is spent: no further refresh is begun
    await small.close()
    again = SealedAccountStore(disk.folder / "data", memory_keychain(memory))
    assert await again.credential("a1") == big
    disk.free()
    await again.mark_refresh("a1")
    await again.close()


async def test_signing_out_works_on_a_full_disk(small, disk, memory):
    await small.add(account(), tokens(1))
    await small.mark_refresh("a1")
    disk.fill()
    await small.remove("a1")
    assert (await small.load())[0] == []
    assert memory.items == {}


async def test_a_start_on_a_full_disk_recovers(small, disk):
    disk.fill()
    with pytest.raises(StorageUnavailable):
        await small.load()
    disk.free()
    assert (await small.load())[0] == []


DAMAGES = {
    "another kind of file": lambda path: path.write_bytes(b"not a database " * 1000),
    "a damaged header": lambda path: patch(path, 0, b"\0" * 64),
    "damaged pages": lambda path: patch(path, 4096, b"\xa5" * (path.stat().st_size - 4096)),
    "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
}


def patch(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_a_damaged_file_is_told_and_kept(store, tmp_path, damage):
    for number in range(30):
        await store.add(account(f"a{number}"), tokens(number))
    await store.close()
    path = tmp_path / "data" / FILE
    good = path.read_bytes()
    damage(path)
    damaged = path.read_bytes()
    for call in (
        store.load(),
        store.credential("a1"),
        store.add(account("new"), tokens()),
        store.remove("a1"),
    ):
        with pytest.raises(StorageCorrupt) as caught:
            await call
        assert str(path) in str(caught.value)
    await store.close()
    assert path.read_bytes() == damaged
    path.write_bytes(good)
    assert len((await store.load())[0]) == 30
    assert await store.credential("a1") == tokens(1)


async def test_a_damaged_record_is_told_as_such(store, tmp_path):
    await store.add(account(), tokens())
    await store.close()
    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        connection.execute("UPDATE accounts SET scopes = 'nonsense'")
    connection.close()
    with pytest.raises(StorageCorrupt):
        await store.load()


async def test_a_file_of_a_newer_version_is_left_alone(store, tmp_path):
    await store.load()
    await store.close()
    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StorageUnavailable, match="newer version"):
        await store.load()


async def test_a_file_that_another_program_holds(tmp_path):
    holder, second = Database(tmp_path), Database(tmp_path, busy_timeout=0.05)
    await holder.write(lambda connection: None)
    with pytest.raises(StorageUnavailable, match="Another program"):
        await second.write(lambda connection: None)
    await holder.close()
    await second.write(lambda connection: None)
    await second.close()


async def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        await Database(tmp_path / "file" / "data").read(lambda connection: None)


async def test_a_link_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("precious")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / FILE).symlink_to(target)
    with pytest.raises(StorageUnavailable):
        await Database(folder).read(lambda connection: None)
    assert target.read_text() == "precious"


async def test_an_error_in_a_transaction_undoes_it(tmp_path):
    database = Database(tmp_path)

    def failing(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO defaults VALUES ('', 'a1')")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(failing)
    assert await database.read(_defaults) == 0
    await database.close()


def _defaults(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM defaults").fetchone()[0]


async def test_it_is_as_durable_as_asked(tmp_path):
    database = Database(tmp_path)

    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "secure_delete", "locking_mode", "user_version")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.read(pragmas) == ["wal", 2, 1, "exclusive", len(MIGRATIONS)]
    await database.close()


async def test_the_loop_goes_on_while_the_disk_is_slow(tmp_path):
    database = Database(tmp_path)
    await database.read(_defaults)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        await database.read(lambda connection: time.sleep(0.2))
        ticking.cancel()
    assert ticks > 10
    await database.close()
