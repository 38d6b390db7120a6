"""A vault of a test's own, and what opens it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from manager.core.secret import Secret
from manager.storage.passphrase_derivation import Derivation
from manager.storage.vault import FileVault

PASSPHRASE = Secret("correct horse battery")
WRONG = Secret("incorrect horse battery")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id as weak as it goes: what is tested here is not how long it takes."""

    def new(random: Callable[[int], bytes]) -> Derivation:
        return Derivation(passes=1, lanes=1, memory=8, salt=random(16))

    monkeypatch.setattr(Derivation, "new", new)


@pytest.fixture
def made(tmp_path: Path, quick: None) -> FileVault:
    made = FileVault(tmp_path)
    made.make(PASSPHRASE)
    return made
