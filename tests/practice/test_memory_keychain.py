from __future__ import annotations

import pytest

from manager.practice.memory_keychain import MemoryStore, Trouble, memory_keychain
from manager.storage.keychain_access import Keychain
from tests.storage.keychain_contract import DEADLINE, KeychainContract


class MemorySwitches:
    def __init__(self) -> None:
        self.store = MemoryStore()

    def lock(self) -> None:
        self.store.trouble = Trouble.LOCKED

    def vanish(self) -> None:
        self.store.trouble = Trouble.UNAVAILABLE

    def deny(self) -> None:
        self.store.trouble = Trouble.DENIED

    def hang(self) -> None:
        self.store.trouble = Trouble.HANGING

    def unlock(self) -> None:
        self.store.trouble = Trouble.NONE

    return_ = allow = resume = unlock

    def damage(self, account_id: str, content: bytes) -> None:
        self.store.items[account_id] = content.decode("utf-8", "surrogateescape")

    def content(self, account_id: str) -> bytes | None:
        text = self.store.items.get(account_id)
        return None if text is None else text.encode("utf-8", "surrogateescape")


@pytest.fixture
def switches() -> MemorySwitches:
    return MemorySwitches()


@pytest.fixture
def keychain(switches: MemorySwitches) -> Keychain:
    return memory_keychain(switches.store, deadline=DEADLINE)


class TestMemoryKeychain(KeychainContract):
    pass
