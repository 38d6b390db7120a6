"""What the storage tests share: a store over a keychain in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from manager.practice.memory_keychain import MemoryStore, memory_keychain
from manager.storage.account_store import SealedAccountStore


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def store(
    anyio_backend: str, tmp_path: Path, memory: MemoryStore
) -> AsyncIterator[SealedAccountStore]:
    store = SealedAccountStore(tmp_path / "data", memory_keychain(memory))
    yield store
    await store.close()
