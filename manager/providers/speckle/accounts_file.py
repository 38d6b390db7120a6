"""`Accounts.db`, which every program of Speckle opens: SQLite, one table, write-ahead log.

Programs that are not ours read it at any time, so it is locked for moments only; what we take out
leaves no byte behind, neither in the file nor in its log (SQLite: secure_delete, wal_checkpoint).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_TABLE = "CREATE TABLE IF NOT EXISTS objects(hash TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID;"
_READ_PATIENCE = 0.5  # seconds
_WRITE_PATIENCE = 2.0
_MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class RowChanges:
    put: Mapping[str, str]
    delete: frozenset[str]


class LogStillHeld(Exception):
    """Another program reads an older state just now: the log cannot be emptied yet."""


def read_rows(path: Path) -> list[tuple[str, object]]:
    """Key and content of every row, read-only. Raises OSError and sqlite3.Error."""
    os.stat(path)  # says what is wrong better than SQLite does
    address = f"file:{quote(str(path))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_READ_PATIENCE)) as database:
        database.text_factory = _lenient
        found = database.execute("SELECT hash, content FROM objects LIMIT ?", (_MOST_ROWS,))
        return [(str(key), content) for key, content in found]


def rewrite(path: Path, change: Callable[[Mapping[str, str]], RowChanges]) -> None:
    """Change the rows in one transaction; `change` gets all that are there. The file and its folder
    are made where they are missing, for their owner alone.

    Raises OSError, sqlite3.Error; LogStillHeld after all was written.
    """
    _make(path)
    with closing(_opened(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            rows = database.execute("SELECT hash, content FROM objects").fetchall()
            changes = change({key: content for key, content in rows if _is_text(content)})
            database.executemany(
                "DELETE FROM objects WHERE hash = ?", [(key,) for key in sorted(changes.delete)]
            )
            database.executemany(
                "INSERT OR REPLACE INTO objects(hash, content) VALUES(?, ?)",
                sorted(changes.put.items()),
            )
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
        _close_to_others(path)
        (held, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if held:
        raise LogStillHeld


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_WRITE_PATIENCE, isolation_level=None)
    try:
        database.text_factory = _lenient
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA temp_store = MEMORY")
        with suppress(sqlite3.OperationalError):  # held just now: it stays as it is
            database.execute("PRAGMA journal_mode = wal")
        database.execute(_TABLE)
    except BaseException:
        database.close()
        raise
    return database


def _make(path: Path) -> None:
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.parent.mkdir(mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    _close_to_others(path)


def _close_to_others(path: Path) -> None:
    """Tokens stand in it; SQLite gives its log the permissions that the file has."""
    for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        with suppress(FileNotFoundError):
            if os.stat(each).st_mode & 0o077:
                os.chmod(each, 0o600)


def _is_text(content: object) -> bool:
    """What is not cannot be written back as it was."""
    try:
        return isinstance(content, str) and bool(content.encode())
    except UnicodeEncodeError:
        return False


def _lenient(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
