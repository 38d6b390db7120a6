"""The keychain as the store sees it: asynchronous, with a deadline, six answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from manager.core.errors import (
    InvalidRequest,
    KeychainDenied,
    KeychainLocked,
    KeychainUnavailable,
    KeyCorrupt,
)
from manager.core.secret import Secret

from .keychain_answer import Corrupt, Done, Found, Missing, Reading, Refusal, Writing, refusal
from .keychain_item import KeyItem, decode, encode
from .keychain_worker import KeychainWorker

T = TypeVar("T")

PATIENCE = 300.0
"""How long a prompt may stay open, in seconds."""


class KeychainDoor(Protocol):
    """A platform's store, blocking. All methods raise KeychainLocked, KeychainUnavailable,
    KeychainDenied; only `unlock` may prompt."""

    def read(self, account_id: str) -> str | None:
        """The item's text, None when the open keychain has none. Raises KeyCorrupt too."""

    def read_foreign(self, service: str, username: str) -> str | None:
        """Another program's item; never prompts, never writes."""

    def write(self, account_id: str, text: str) -> None:
        """Keep the text, in place of an earlier one."""

    def delete(self, account_id: str) -> None:
        """Delete the item; no item is fine."""

    def probe(self) -> None:
        """Return when items could be read now."""

    def unlock(self) -> None:
        """Ask the person to open the keychain, or to make one where there is none."""


class Keychain:
    """Key items by account. Also the KeychainControl of the ports."""

    vault = "system"

    def __init__(self, door: KeychainDoor, *, deadline: float = 5.0) -> None:
        self._door = door
        self._worker = KeychainWorker(deadline)

    async def read(self, account_id: str) -> Reading:
        """The account's key item, or which of the five other things the keychain says."""

        def read() -> Found | Missing:
            text = self._door.read(account_id)
            return Missing() if text is None else Found(decode(text, account_id))

        try:
            return await self._answer(read)
        except KeyCorrupt as error:
            return Corrupt(error)

    async def write(self, item: KeyItem) -> Writing:
        """Keep the item, in place of an earlier one of the same account."""
        text = encode(item)

        def write() -> Done:
            self._door.write(item.account_id, text)
            return Done()

        return await self._answer(write)

    async def delete(self, account_id: str) -> Writing:
        """Delete the account's item; `Done` also when there was none."""

        def delete() -> Done:
            self._door.delete(account_id)
            return Done()

        return await self._answer(delete)

    async def read_foreign(self, service: str, username: str) -> Secret | None:
        """See ForeignKeychain."""
        try:
            text = await self._worker.run(lambda: self._door.read_foreign(service, username))
        except KeyCorrupt:
            return None
        return None if text is None else Secret(text)

    async def status(self) -> str:
        """See KeychainControl."""
        try:
            await self._worker.run(self._door.probe)
        except KeychainLocked:
            return "locked"
        except (KeychainUnavailable, KeychainDenied):
            return "unavailable"
        return "available"

    @property
    def made(self) -> bool:
        """See KeychainControl."""
        return True

    async def unlock(self, passphrase: Secret | None = None, *, make: bool = False) -> None:
        """See KeychainControl. Waits up to 5 minutes for the person."""
        if passphrase is not None:
            raise _asks_itself()
        await self._worker.run(self._door.unlock, deadline=PATIENCE)

    async def change_passphrase(self, old: Secret, new: Secret) -> None:
        """See KeychainControl."""
        raise _asks_itself()

    async def _answer(self, call: Callable[[], T]) -> T | Refusal:
        try:
            return await self._worker.run(call)
        except (KeychainLocked, KeychainUnavailable, KeychainDenied) as error:
            return refusal(error)


def _asks_itself() -> InvalidRequest:
    return InvalidRequest(
        "The system's keychain asks for its password by itself.",
        hint="A passphrase is for a file vault: account-manager agent --vault=file",
    )
