"""A keychain in memory, with switches for everything that a real one does wrong.

For tests and practice only: the agent stands below this layer and cannot choose it. It passes the
same contract suite as gnome-keyring.
"""

from __future__ import annotations

import threading
from enum import StrEnum

from manager.core.errors import KeychainDenied, KeychainLocked, KeychainUnavailable
from manager.storage.keychain_access import Keychain, KeychainDoor


class Trouble(StrEnum):
    NONE = "none"
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"
    DENIED = "denied"
    HANGING = "hanging"


class MemoryStore(KeychainDoor):
    """`items`: texts by account id; put nonsense into one to damage it. `foreign`: texts of other
    programs by service and user name. `calls` counts."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.foreign: dict[tuple[str, str], str] = {}
        self.calls = 0
        self.dismisses_prompt = False
        self._trouble = Trouble.NONE
        self._released = threading.Event()

    @property
    def trouble(self) -> Trouble:
        return self._trouble

    @trouble.setter
    def trouble(self, trouble: Trouble) -> None:
        self._trouble = trouble
        if trouble is not Trouble.HANGING:
            self._released.set()
            self._released = threading.Event()

    def read(self, account_id: str) -> str | None:
        self._pass()
        return self.items.get(account_id)

    def read_foreign(self, service: str, username: str) -> str | None:
        self._pass()
        return self.foreign.get((service, username))

    def write(self, account_id: str, text: str) -> None:
        self._pass()
        self.items[account_id] = text

    def delete(self, account_id: str) -> None:
        self._pass()
        self.items.pop(account_id, None)

    def probe(self) -> None:
        self._pass()

    def unlock(self) -> None:
        if self.trouble is Trouble.LOCKED:
            if self.dismisses_prompt:
                raise KeychainDenied("The keychain's prompt was dismissed.")
            self.trouble = Trouble.NONE
        self._pass()

    def _pass(self) -> None:
        self.calls += 1
        if self._trouble is Trouble.HANGING:
            self._released.wait()
        match self._trouble:
            case Trouble.LOCKED:
                raise KeychainLocked("The keychain is locked.")
            case Trouble.UNAVAILABLE:
                raise KeychainUnavailable("No keychain answers in this session.")
            case Trouble.DENIED:
                raise KeychainDenied("The keychain refused the access.")


def memory_keychain(store: MemoryStore | None = None, *, deadline: float = 5.0) -> Keychain:
    """The store's keychain over a fresh or given memory."""
    return Keychain(store or MemoryStore(), deadline=deadline)
