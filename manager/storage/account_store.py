"""Accounts at rest: open records plain, credentials sealed (see AccountStore in core/ports)."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from manager.core.account import Account, Defaults
from manager.core.credential import Credential, renewal_of
from manager.core.errors import AccountNotFound, KeyCorrupt
from manager.core.ports import AccountStore, RetiredCredential, WriteOutcome

from . import account_record, credential_record
from .account_keys import AccountKeys
from .database import Database
from .keychain_access import Keychain
from .keychain_item import KeyItem
from .sealing import Binding, seal, unseal

_KIND = "credential"
_OVERALL = ""
_OPEN = ", ".join(account_record.COLUMNS)


class SealedAccountStore(AccountStore):
    """`folder`: where the file is or will be; `random(n)`: n random bytes fit for keys."""

    def __init__(
        self,
        folder: Path,
        keychain: Keychain,
        *,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._database = Database(folder)
        self._random = random
        self._keys = AccountKeys(self._database, keychain, random)

    async def load(self) -> tuple[Sequence[Account], Defaults]:
        """See AccountStore; in the order in which they were added."""

        def read(connection: sqlite3.Connection) -> tuple[list[Account], Defaults]:
            rows = connection.execute(f"SELECT {_OPEN} FROM accounts ORDER BY rowid")  # noqa: S608
            accounts = [account_record.from_row(row) for row in rows]
            scopes = dict(connection.execute("SELECT scope, account_id FROM defaults").fetchall())
            overall = scopes.pop(_OVERALL, None)
            return accounts, Defaults(overall, tuple(sorted(scopes.items())))

        return await self._database.read(read)

    async def add(self, account: Account, credential: Credential) -> None:
        async with self._keys.first(account.id) as key:
            values = {
                **account_record.to_row(replace(account, renewal=renewal_of(credential))),
                "generation": key.generation,
                "sealed": self._sealed(key, credential),
            }
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)

            def write(connection: sqlite3.Connection) -> None:
                connection.execute(f"INSERT INTO accounts ({names}) VALUES ({marks})", values)  # noqa: S608
                connection.execute("DELETE FROM loose_keys WHERE account_id = ?", (account.id,))

            await self._database.write(write, vital=True)

    async def replace(
        self, account: Account, credential: Credential, *, retire_at: float | None = None
    ) -> WriteOutcome:
        key = self._keys.held(account.id)
        if key is None:
            stored = await self._database.read(lambda connection: _standing(connection, account.id))
            outcome = _judged(stored, account)
            if stored is None or outcome is not WriteOutcome.WRITTEN:
                return outcome
            key = await self._keys.get_or_make(account.id, stored["generation"] + 1)
        values = {
            **account_record.to_row(replace(account, renewal=renewal_of(credential))),
            "generation": key.generation,
            "sealed": self._sealed(key, credential),
            "refresh_sent": 0,
        }

        def write(connection: sqlite3.Connection) -> WriteOutcome:
            outcome = _judged(_standing(connection, account.id), account)
            if outcome is WriteOutcome.WRITTEN:
                _retire(connection, account.id, key.generation, retire_at)
                _set(connection, values)
            return outcome

        outcome = await self._database.write(write, vital=True)
        self._keys.unpin(account.id)
        return outcome

    async def update(self, account: Account) -> WriteOutcome:
        values = account_record.to_row(account)
        del values["renewal"]

        def write(connection: sqlite3.Connection) -> WriteOutcome:
            outcome = _judged(_standing(connection, account.id), account)
            if outcome is WriteOutcome.WRITTEN:
                _set(connection, values)
            return outcome

        return await self._database.write(write)

    async def credential(self, account_id: str) -> Credential:
        row = await self._database.read(
            _row(
                "SELECT id AS account_id, generation, sealed FROM accounts WHERE id = ?", account_id
            )
        )
        return await self._unsealed(row)

    async def remove(self, account_id: str) -> None:
        def write(connection: sqlite3.Connection) -> bool:
            gone = connection.execute("DELETE FROM accounts WHERE id = ?", (account_id,))
            connection.execute("DELETE FROM defaults WHERE account_id = ?", (account_id,))
            return gone.rowcount > 0 and _loosen(connection, account_id)

        await self._forgotten(account_id, await self._database.write(write, vital=True))

    async def set_defaults(self, defaults: Defaults) -> None:
        rows = list(defaults.per_server)
        if defaults.overall is not None:
            rows.append((_OVERALL, defaults.overall))

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM defaults")
            connection.executemany("INSERT INTO defaults VALUES (?, ?)", rows)

        await self._database.write(write)

    async def mark_refresh(self, account_id: str) -> None:
        await self._keys.get(account_id)
        self._keys.pin(account_id)
        try:
            await self._database.make_room()
            if not await self._database.write(_marking(account_id, sent=True)):
                raise _not_kept()
        except BaseException:
            self._keys.unpin(account_id)
            raise

    async def refresh_marked(self, account_id: str) -> bool:
        row = await self._database.read(
            _row("SELECT refresh_sent FROM accounts WHERE id = ?", account_id)
        )
        return row is not None and bool(row["refresh_sent"])

    async def clear_refresh_mark(self, account_id: str) -> None:
        await self._database.write(_marking(account_id, sent=False))
        self._keys.unpin(account_id)

    async def retired(self) -> Sequence[RetiredCredential]:
        def read(connection: sqlite3.Connection) -> list[RetiredCredential]:
            rows = connection.execute("SELECT id, account_id, due FROM retired ORDER BY due, id")
            return [RetiredCredential(*row) for row in rows]

        return await self._database.read(read)

    async def retired_credential(self, retired_id: int) -> Credential:
        row = await self._database.read(
            _row("SELECT account_id, generation, sealed FROM retired WHERE id = ?", retired_id)
        )
        return await self._unsealed(row)

    async def forget_retired(self, retired_id: int) -> None:
        def write(connection: sqlite3.Connection) -> tuple[str, bool]:
            row = _row("SELECT account_id FROM retired WHERE id = ?", retired_id)(connection)
            if row is None:
                return "", False
            connection.execute("DELETE FROM retired WHERE id = ?", (retired_id,))
            return row["account_id"], _loosen(connection, row["account_id"])

        account_id, loose = await self._database.write(write, vital=True)
        await self._forgotten(account_id, loose)

    def forget_keys(self) -> None:
        self._keys.forget()

    async def close(self) -> None:
        self._keys.forget()
        await self._database.close()

    def _sealed(self, key: KeyItem, credential: Credential) -> bytes:
        binding = Binding(key.account_id, _KIND, key.generation)
        return seal(key.key, credential_record.encode(credential), binding, self._random)

    async def _unsealed(self, row: sqlite3.Row | None) -> Credential:
        if row is None:
            raise _not_kept()
        key = await self._keys.get(row["account_id"])
        if key.generation != row["generation"]:
            raise KeyCorrupt("The keychain's key is not the one that sealed this account.")
        binding = Binding(key.account_id, _KIND, key.generation)
        return credential_record.decode(unseal(key.key, row["sealed"], binding))

    async def _forgotten(self, account_id: str, loose: bool) -> None:
        if loose:
            self._keys.drop(account_id)
            await self._database.shred()
            await self._keys.tidy()


def _row(statement: str, identifier: object) -> Callable[[sqlite3.Connection], sqlite3.Row | None]:
    def read(connection: sqlite3.Connection) -> sqlite3.Row | None:
        row: sqlite3.Row | None = connection.execute(statement, (identifier,)).fetchone()
        return row

    return read


def _standing(connection: sqlite3.Connection, account_id: str) -> sqlite3.Row | None:
    return _row("SELECT revision, generation FROM accounts WHERE id = ?", account_id)(connection)


def _judged(stored: sqlite3.Row | None, account: Account) -> WriteOutcome:
    if stored is None:
        return WriteOutcome.GONE
    return WriteOutcome.WRITTEN if stored["revision"] < account.revision else WriteOutcome.STALE


def _set(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(f"UPDATE accounts SET {assignments} WHERE id = :id", values)  # noqa: S608


def _retire(
    connection: sqlite3.Connection, account_id: str, generation: int, due: float | None
) -> None:
    """Keep the superseded record, sealed as it is; what a lost key sealed goes."""
    if due is not None:
        connection.execute(
            "INSERT INTO retired (account_id, generation, due, sealed)"
            " SELECT id, generation, ?, sealed FROM accounts WHERE id = ?",
            (due, account_id),
        )
    connection.execute(
        "DELETE FROM retired WHERE account_id = ? AND generation <> ?", (account_id, generation)
    )


def _loosen(connection: sqlite3.Connection, account_id: str) -> bool:
    """Note the key as loose if no record needs it any more, and say so."""
    noted = connection.execute(
        "INSERT OR IGNORE INTO loose_keys SELECT :id"
        " WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = :id)"
        " AND NOT EXISTS (SELECT 1 FROM retired WHERE account_id = :id)",
        {"id": account_id},
    )
    return noted.rowcount > 0


def _marking(account_id: str, *, sent: bool) -> Callable[[sqlite3.Connection], int]:
    return lambda connection: (
        connection.execute(
            "UPDATE accounts SET refresh_sent = ? WHERE id = ?", (int(sent), account_id)
        ).rowcount
    )


def _not_kept() -> AccountNotFound:
    return AccountNotFound("This account is not kept here (any more).")
