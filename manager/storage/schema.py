"""The tables, and the way from each version to the next. `user_version` says which one stands."""

from __future__ import annotations

import sqlite3

from manager.core.errors import StorageUnavailable

_FIRST = (
    """CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        server_url TEXT NOT NULL,
        server_name TEXT NOT NULL,
        subject TEXT NOT NULL,
        label TEXT NOT NULL,
        display_name TEXT NOT NULL,
        avatar_url TEXT,
        scopes TEXT NOT NULL,
        capabilities TEXT NOT NULL,
        attention TEXT,
        revision INTEGER NOT NULL,
        renewal TEXT NOT NULL,
        generation INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        refresh_sent INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE retired (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL,
        generation INTEGER NOT NULL,
        due REAL NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT""",
    # Scope '' is the overall default, else a server's address.
    "CREATE TABLE defaults (scope TEXT PRIMARY KEY, account_id TEXT NOT NULL) STRICT",
    # Keys in the keychain that no record needs, or none needs yet: noted before the key is
    # written and when a record goes, so that no end of the process leaves a key behind.
    "CREATE TABLE loose_keys (account_id TEXT PRIMARY KEY) STRICT",
)
_KINDS_OF_SERVER = (
    "ALTER TABLE accounts ADD COLUMN moved_from TEXT",
    "ALTER TABLE accounts ADD COLUMN identity_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE accounts ADD COLUMN roles TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE accounts ADD COLUMN exported INTEGER NOT NULL DEFAULT 0",
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _KINDS_OF_SERVER)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest version, each step in one transaction.

    Raises StorageUnavailable for a file of a newer program; it is left as it is.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StorageUnavailable(
            "The accounts were written by a newer version of Account Manager.",
            hint="Install that version again.",
        )
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in step:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
