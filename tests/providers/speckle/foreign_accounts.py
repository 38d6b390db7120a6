"""Accounts as other programs of Speckle write them, with those programs' own statements."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TABLE = "CREATE TABLE IF NOT EXISTS objects(hash TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID;"


def row(url: str, token: str, refresh: str | None = None, **changes: Any) -> dict[str, Any]:
    email = changes.pop("email", "alice@example.com")
    user_id = changes.pop("user_id", "8289761001")
    return {
        "id": hashlib.md5((email + url).encode()).hexdigest().upper(),
        "isDefault": False,
        "token": token,
        "refreshToken": refresh,
        "serverInfo": {"name": "S", "company": "C", "url": url, "migration": None},
        "userInfo": {"id": user_id, "name": "Alice Moreau", "email": email, "company": "C"},
        **changes,
    }


def write(folder: Path, *rows: dict[str, Any] | str, wal: bool = True) -> Path:
    """Into `folder/Accounts.db`; a text is written as it is, under a key of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "Accounts.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(TABLE)
        if wal:
            database.execute("PRAGMA journal_mode='wal';")
        for number, each in enumerate(rows):
            key = f"BAD{number}" if isinstance(each, str) else each["id"]
            content = each if isinstance(each, str) else json.dumps(each, indent=1)
            database.execute("INSERT OR REPLACE INTO objects VALUES(?, ?)", (key, content))
        database.commit()
    return path


def read(path: Path) -> dict[str, Any]:
    """Row by key, as a program that starts now finds them."""
    with closing(sqlite3.connect(path)) as database:
        return dict(database.execute("SELECT * FROM objects").fetchall())
