"""The accounts' keys: made, read at first use, held in memory, deleted with their account."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable

from manager.core.errors import InvalidRequest, StorageUnavailable

from .database import Database
from .keychain_access import Keychain
from .keychain_answer import Corrupt, Done, Found, Missing, error_of
from .keychain_item import KEY_SIZE, KeyItem

_NEEDED = "SELECT 1 FROM accounts WHERE id = :id UNION SELECT 1 FROM retired WHERE account_id = :id"


class AccountKeys:
    """A key is in the keychain before anything is sealed with it, and the database notes it as
    loose before it is in the keychain: whenever the process ends, no record lacks its key, and a
    key without a record is deleted once the keychain answers."""

    def __init__(
        self, database: Database, keychain: Keychain, random: Callable[[int], bytes]
    ) -> None:
        self._database = database
        self._keychain = keychain
        self._random = random
        self._held: dict[str, KeyItem] = {}
        self._pinned: set[str] = set()
        self._coming: set[str] = set()
        self._turn = asyncio.Lock()
        self._tidied = False

    def held(self, account_id: str) -> KeyItem | None:
        """The key, if it is in memory. Use it before the next await: `forget` wipes it."""
        return self._held.get(account_id)

    async def get(self, account_id: str) -> KeyItem:
        """The key, from memory or from the keychain. Raises the keychain's answer as an error."""
        held = self._held.get(account_id)
        if held is not None:
            return held
        async with self._turn:
            return await self._read(account_id)

    async def get_or_make(self, account_id: str, generation: int) -> KeyItem:
        """The key; a new one of `generation` where the old one is surely missing or damaged."""
        async with self._turn:
            held = self._held.get(account_id)
            if held is not None:
                return held
            answer = await self._keychain.read(account_id)
            if isinstance(answer, Found):
                return self._hold(answer.item)
            if isinstance(answer, Missing | Corrupt):
                return await self._make(account_id, generation)
            raise error_of(answer)

    @contextlib.asynccontextmanager
    async def first(self, account_id: str) -> AsyncIterator[KeyItem]:
        """A first key, for the time in which its record is written; loose until then.

        Raises InvalidRequest where records stand already: a new key would make them unreadable.
        """

        def note(connection: sqlite3.Connection) -> None:
            if connection.execute(_NEEDED, {"id": account_id}).fetchone() is not None:
                raise InvalidRequest("This account is kept already.")
            connection.execute("INSERT OR IGNORE INTO loose_keys VALUES (?)", (account_id,))

        if account_id in self._coming:
            raise InvalidRequest("This account is being added already.")
        self._coming.add(account_id)
        try:
            await self._database.write(note)
            async with self._turn:
                item = await self._make(account_id, 1)
            yield item
        except InvalidRequest:
            raise
        except BaseException:
            self.drop(account_id)
            self._tidied = False
            raise
        finally:
            self._coming.discard(account_id)

    def pin(self, account_id: str) -> None:
        """Hold on to the key whatever `forget` says."""
        self._pinned.add(account_id)

    def unpin(self, account_id: str) -> None:
        self._pinned.discard(account_id)

    def drop(self, account_id: str) -> None:
        """Wipe one key from memory."""
        self._pinned.discard(account_id)
        held = self._held.pop(account_id, None)
        if held is not None:
            held.wipe()

    def forget(self) -> None:
        """Wipe all keys from memory, except the pinned ones."""
        for account_id in [each for each in self._held if each not in self._pinned]:
            self.drop(account_id)

    async def tidy(self) -> None:
        """Delete loose keys from the keychain. What fails now is tried again another time."""
        self._tidied = False
        async with self._turn:
            await self._tidy()

    async def _read(self, account_id: str) -> KeyItem:
        held = self._held.get(account_id)  # somebody else may have read it meanwhile
        if held is not None:
            return held
        answer = await self._keychain.read(account_id)
        if not isinstance(answer, Found):
            raise error_of(answer)
        if not self._tidied:
            await self._tidy()
        return self._hold(answer.item)  # last, without a pause: `forget` wipes what is held

    async def _make(self, account_id: str, generation: int) -> KeyItem:
        item = KeyItem(account_id, generation, bytearray(self._random(KEY_SIZE)))
        answer = await self._keychain.write(item)
        if not isinstance(answer, Done):
            raise error_of(answer)
        return self._hold(item)

    def _hold(self, item: KeyItem) -> KeyItem:
        self._held[item.account_id] = item
        return item

    async def _tidy(self) -> None:
        with contextlib.suppress(StorageUnavailable):
            rows = await self._database.read(_loose)
            for account_id in set(rows) - self._coming:
                if not isinstance(await self._keychain.delete(account_id), Done):
                    return
                await self._database.write(_no_longer_loose(account_id))
            self._tidied = True


def _loose(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT account_id FROM loose_keys")]


def _no_longer_loose(account_id: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(
        "DELETE FROM loose_keys WHERE account_id = ?", (account_id,)
    )
