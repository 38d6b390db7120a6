"""The file vault: held to what every keychain must do, and to what a passphrase promises."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest

from manager.core.errors import (
    InvalidRequest,
    KeychainLocked,
    KeychainUnavailable,
    PassphraseRefused,
)
from manager.core.secret import Secret
from manager.storage import passphrase_derivation, vault
from manager.storage.passphrase_derivation import Derivation
from manager.storage.vault import FileVault
from manager.storage.vault_content import decoded
from manager.storage.vault_keychain import VaultKeychain
from tests.storage.keychain_contract import DEADLINE, KeychainContract, item
from tests.storage.vault_bench import PASSPHRASE, WRONG, made, quick

__all__ = ["made", "quick"]


class VaultSwitches:
    """What can happen to a vault's file, and to the disk below it."""

    def __init__(self, made: FileVault, monkeypatch: pytest.MonkeyPatch) -> None:
        self.vault = made
        self._away = made.path.with_name("away")
        self._released = threading.Event()
        self._released.set()
        read = vault.read_owner_only

        def stalling(path: Path) -> bytes | None:
            self._released.wait()
            return read(path)

        monkeypatch.setattr(vault, "read_owner_only", stalling)

    def lock(self) -> None:
        self.vault.lock()

    def unlock(self) -> None:
        self.vault.open(PASSPHRASE)

    def vanish(self) -> None:
        self.vault.path.rename(self._away)

    def return_(self) -> None:
        self._away.rename(self.vault.path)

    def deny(self) -> None:
        self.vault.path.chmod(0o644)

    def allow(self) -> None:
        self.vault.path.chmod(0o600)

    def hang(self) -> None:
        self._released.clear()

    def resume(self) -> None:
        self._released.set()

    def damage(self, account_id: str, content: bytes) -> None:
        self.vault.write(account_id, content.decode("utf-8", "surrogateescape"))

    def content(self, account_id: str) -> bytes | None:
        text = self.vault.read(account_id)
        return None if text is None else text.encode("utf-8", "surrogateescape")


@pytest.fixture
def switches(made: FileVault, monkeypatch: pytest.MonkeyPatch) -> VaultSwitches:
    return VaultSwitches(made, monkeypatch)


@pytest.fixture
def keychain(switches: VaultSwitches) -> VaultKeychain:
    return VaultKeychain(switches.vault, deadline=DEADLINE)


class TestFileVault(KeychainContract):
    pass


class TestPassphrase:
    def test_the_file_opens_in_another_process_s_vault(self, made: FileVault) -> None:
        made.write("a1", "text")
        other = FileVault(made.path.parent)
        with pytest.raises(KeychainLocked):
            other.read("a1")
        other.open(PASSPHRASE)
        assert other.read("a1") == "text"

    def test_a_wrong_one_opens_and_changes_nothing(self, made: FileVault) -> None:
        made.write("a1", "text")
        before = made.path.read_bytes()
        other = FileVault(made.path.parent)
        with pytest.raises(PassphraseRefused):
            other.open(WRONG)
        with pytest.raises(KeychainLocked):
            other.read("a1")
        with pytest.raises(KeychainLocked):
            other.write("a1", "other")
        with pytest.raises(KeychainLocked):
            other.delete("a1")
        assert made.path.read_bytes() == before

    def test_a_wrong_one_does_not_close_an_open_vault(self, made: FileVault) -> None:
        made.write("a1", "text")
        with pytest.raises(PassphraseRefused):
            made.open(WRONG)
        assert made.read("a1") == "text"

    def test_it_is_changed(self, made: FileVault) -> None:
        made.write("a1", "text")
        made.change_passphrase(PASSPHRASE, WRONG)
        other = FileVault(made.path.parent)
        with pytest.raises(PassphraseRefused):
            other.open(PASSPHRASE)
        other.open(WRONG)
        assert other.read("a1") == made.read("a1") == "text"

    def test_it_is_not_changed_by_somebody_who_does_not_know_it(self, made: FileVault) -> None:
        before = made.path.read_bytes()
        with pytest.raises(PassphraseRefused):
            made.change_passphrase(WRONG, Secret("another passphrase"))
        assert made.path.read_bytes() == before

    def test_a_locked_vault_opens_with_the_change(self, made: FileVault) -> None:
        made.write("a1", "text")
        made.lock()
        made.change_passphrase(PASSPHRASE, WRONG)
        assert made.read("a1") == "text"

    @pytest.mark.parametrize("text", ["", "short", "1234567"])
    def test_a_short_one_makes_no_vault(self, tmp_path: Path, quick: None, text: str) -> None:
        with pytest.raises(InvalidRequest):
            FileVault(tmp_path).make(Secret(text))
        assert not any(tmp_path.iterdir())

    def test_it_is_the_same_however_its_letters_are_composed(self, tmp_path, quick) -> None:
        FileVault(tmp_path).make(Secret("Grüße aus Köln"))
        FileVault(tmp_path).open(Secret("Gru\u0308ße aus Ko\u0308ln"))

    def test_a_vault_is_never_made_over_another(self, made: FileVault) -> None:
        before = made.path.read_bytes()
        with pytest.raises(KeychainUnavailable):
            FileVault(made.path.parent).make(WRONG)
        assert made.path.read_bytes() == before

    def test_weak_parameters_are_replaced_when_it_is_opened(
        self, made: FileVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.write("a1", "text")
        stronger = Derivation(passes=2, lanes=1, memory=16, salt=b"s" * 16)
        monkeypatch.setattr(Derivation, "new", lambda random: stronger)
        FileVault(made.path.parent).open(PASSPHRASE)
        assert decoded(made.path.read_bytes()).derivation == stronger
        later = FileVault(made.path.parent)
        later.open(PASSPHRASE)
        assert later.read("a1") == "text"


def test_today_s_parameters_are_those_of_rfc_9106_or_more(tmp_path: Path) -> None:
    made = FileVault(tmp_path)
    began = time.perf_counter()
    made.make(PASSPHRASE)
    took = time.perf_counter() - began
    header = json.loads(made.path.read_text())["header"]
    assert (header["kdf"], header["passes"], header["lanes"]) == ("argon2id", 3, 4)
    assert header["memory_kib"] >= 64 * 1024
    assert took > 0.02, "guessing has to cost something"


@pytest.mark.anyio
class TestKeychain:
    async def test_it_is_made_only_when_that_was_asked(self, tmp_path: Path, quick: None) -> None:
        keychain = VaultKeychain(FileVault(tmp_path))
        assert (keychain.vault, keychain.made) == ("file", False)
        assert await keychain.status() == "locked"
        with pytest.raises(KeychainLocked):
            await keychain.unlock(PASSPHRASE)
        assert not keychain.made
        await keychain.unlock(PASSPHRASE, make=True)
        assert keychain.made
        assert await keychain.status() == "available"

    async def test_to_make_one_that_is_there_opens_it(self, made: FileVault) -> None:
        made.write("a1", "text")
        keychain = VaultKeychain(FileVault(made.path.parent))
        with pytest.raises(PassphraseRefused):
            await keychain.unlock(WRONG, make=True)
        await keychain.unlock(PASSPHRASE, make=True)
        assert await keychain.status() == "available"

    async def test_its_passphrase_is_changed(self, made: FileVault) -> None:
        await VaultKeychain(made).change_passphrase(PASSPHRASE, WRONG)
        FileVault(made.path.parent).open(WRONG)

    async def test_the_loop_and_other_answers_do_not_wait_for_a_derivation(
        self, made: FileVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = threading.Event()
        real = passphrase_derivation.Derivation.key

        def slow(self: Derivation, passphrase: Secret) -> bytearray:
            release.wait()
            return real(self, passphrase)

        monkeypatch.setattr(Derivation, "key", slow)
        made.lock()
        keychain = VaultKeychain(made)
        async with asyncio.TaskGroup() as group:
            unlocking = group.create_task(keychain.unlock(PASSPHRASE))
            await asyncio.sleep(0)
            assert await keychain.status() == "locked"
            assert not unlocking.done()
            release.set()
        assert await keychain.status() == "available"

    async def test_items_survive_the_passphrase_of_every_round(self, made: FileVault) -> None:
        keychain = VaultKeychain(made)
        for number in range(5):
            await keychain.write(item(f"a{number}"))
        assert [made.read(f"a{number}") is not None for number in range(5)] == [True] * 5


@pytest.mark.anyio
async def test_the_loop_goes_on_while_a_real_key_is_derived(tmp_path: Path) -> None:
    """With today's parameters: the derivation lets other threads work."""
    keychain = VaultKeychain(FileVault(tmp_path))
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - before)

    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick())
        began = time.perf_counter()
        await keychain.unlock(PASSPHRASE, make=True)
        took = time.perf_counter() - began
        ticking.cancel()
    assert 0 < longest < took / 2
