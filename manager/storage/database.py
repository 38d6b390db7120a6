"""The SQLite file: one connection, one thread, every trouble of the disk a typed error."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from manager.core.errors import StorageCorrupt, StorageUnavailable

from .disk_reserve import DiskReserve
from .schema import migrate

T = TypeVar("T")

FILE = "accounts.db"
_PRIMARY = 0xFF
"""SQLite's extended result codes carry the primary one in their low byte."""
_SENTENCES = {
    sqlite3.SQLITE_FULL: ("The disk is full.", ""),
    sqlite3.SQLITE_READONLY: (
        "The accounts cannot be written: the file or its disk is read-only.",
        "Make the folder writable, then try again.",
    ),
    sqlite3.SQLITE_BUSY: (
        "Another program holds the file of the accounts.",
        "Close the other program, then try again.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The file of the accounts cannot be opened.",
        "Check that its folder is there and yours, and that the disk is not full.",
    ),
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Database:
    """Runs functions with the connection, in its one thread, each as one transaction.

    The file is opened at first use and again after trouble, so that whatever the disk refused
    works by itself once the disk is well. A damaged file is never written to and never replaced.
    """

    def __init__(self, folder: Path, *, busy_timeout: float = 2.0) -> None:
        self._folder = folder
        self._path = folder / FILE
        self._busy_timeout = busy_timeout
        self._reserve = DiskReserve(folder / "reserve")
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="storage")

    @property
    def path(self) -> Path:
        return self._path

    async def write(self, work: Callable[[sqlite3.Connection], T], *, vital: bool = False) -> T:
        """`work` in one durable transaction; nothing of it stands when it raises. A cancelled
        caller does not undo what has begun. `vital`: on a full disk give up the reserve and do it
        once more, so `work` must be repeatable. Raises StorageUnavailable, StorageCorrupt."""

        def transaction() -> T:
            return self._guarded(lambda connection: _in_transaction(connection, work))

        def insisting() -> T:
            try:
                return transaction()
            except StorageCorrupt:
                raise
            except StorageUnavailable:
                if not self._reserve.give_up():
                    raise
                return transaction()

        return await self._in_thread(insisting if vital else transaction)

    async def make_room(self) -> None:
        """Have a reserve on the disk for the next vital write. Raises StorageUnavailable."""
        await self._in_thread(lambda: self._guarded(lambda _: self._reserve.keep()))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`work` without a transaction. Raises the same."""
        return await self._in_thread(lambda: self._guarded(work))

    async def shred(self) -> None:
        """Take what was deleted out of the write-ahead log too. Best effort: it was sealed."""

        def shred() -> None:
            if self._connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        await self._in_thread(shred)

    async def close(self) -> None:
        """Close the file; a later call opens it again."""
        await self._in_thread(self._drop)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._opened())
        except sqlite3.Error as error:
            ours = self._translated(error)
            if ours is None:
                raise
            self._drop()
            raise ours from None
        except OSError as error:
            self._drop()
            raise StorageUnavailable(
                f"The folder of the accounts cannot be used ({os.strerror(error.errno or 0)}).",
                hint=f"Check the folder {self._folder} and the space on its disk.",
            ) from None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        # SQLite gives its side files the mode of this one; a link is not followed.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout,
            isolation_level=None,
            check_same_thread=False,  # made, used and closed in the one thread of this object
        )
        try:
            connection.row_factory = sqlite3.Row
            # Exclusive: one agent owns the file, and no shared memory can fault on a full disk.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _translated(self, error: sqlite3.Error) -> StorageUnavailable | None:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return None
        primary = code & _PRIMARY
        if primary in _DAMAGED:
            return StorageCorrupt(f"The file of the accounts is damaged: {self._path}")
        if primary in (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE):
            return None
        sentence, hint = _SENTENCES.get(primary, ("The disk refused to read or write.", ""))
        return StorageUnavailable(sentence, hint=hint)


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    with _transaction(connection):
        return work(connection)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.rollback()
        raise
