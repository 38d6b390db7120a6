"""The file vault: held to what every keychain must do, and to what a passphrase promises."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from manager.core.errors import (
    InvalidRequest,
    KeychainDenied,
    KeychainLocked,
    KeychainUnavailable,
    PassphraseRefused,
)
from manager.core.secret import Secret
from manager.storage import passphrase_derivation, vault
from manager.storage.passphrase_derivation import Derivation
from manager.storage.vault import FileVault
from manager.storage.vault_content import VaultDamaged, VaultTooNew, decoded
from manager.storage.vault_keychain import VaultKeychain
from tests.storage.keychain_contract import DEADLINE, KeychainContract, item

PASSPHRASE = Secret("correct horse battery")
WRONG = Secret("incorrect horse battery")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id as weak as it goes: what is tested here is not how long it takes."""

    def new(random: Callable[[int], bytes]) -> Derivation:
        return Derivation(passes=1, lanes=1, memory=8, salt=random(16))

    monkeypatch.setattr(Derivation, "new", new)


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
def made(tmp_path: Path, quick: None) -> FileVault:
    made = FileVault(tmp_path)
    made.make(PASSPHRASE)
    return made


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


def test_no_text_of_the_vault_is_readable_in_its_file(made: FileVault) -> None:
    made.write("account-canary", "text-canary")
    content = made.path.read_bytes()
    assert b"canary" not in content
    assert PASSPHRASE.reveal().encode() not in content


class TestFile:
    def test_it_is_the_owner_s_alone(self, made: FileVault) -> None:
        made.write("a1", "text")
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
        assert [each.name for each in made.path.parent.iterdir()] == ["vault"]

    def test_the_umask_has_no_say(self, tmp_path: Path, quick: None) -> None:
        former = os.umask(0)
        try:
            made = FileVault(tmp_path)
            made.make(PASSPHRASE)
        finally:
            os.umask(former)
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600

    def test_a_link_is_not_followed(self, made: FileVault) -> None:
        elsewhere = made.path.with_name("elsewhere")
        made.path.rename(elsewhere)
        made.path.symlink_to(elsewhere)
        with pytest.raises(KeychainDenied):
            made.read("a1")
        with pytest.raises(KeychainDenied):
            FileVault(made.path.parent).open(PASSPHRASE)

    def test_a_dangling_link_is_no_place_for_a_new_vault(self, tmp_path, quick) -> None:
        (tmp_path / "vault").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(KeychainUnavailable):
            FileVault(tmp_path).make(PASSPHRASE)
        assert not (tmp_path / "elsewhere").exists()

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "vault").mkdir()
        with pytest.raises(KeychainDenied):
            FileVault(tmp_path).open(PASSPHRASE)

    @pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
    def test_another_owner(self, made: FileVault) -> None:
        os.chown(made.path, 12345, -1)
        with pytest.raises(KeychainDenied, match="another user"):
            made.read("a1")

    def test_what_a_killed_writer_left_is_in_nobody_s_way(self, made: FileVault) -> None:
        made.path.with_name("vault.new").write_bytes(b"half")
        made.write("a1", "text")
        assert made.read("a1") == "text"
        assert not made.path.with_name("vault.new").exists()

    def test_a_disk_that_refuses_leaves_what_was_there(
        self, made: FileVault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.write("a1", "text")

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(KeychainUnavailable, match="No space left"):
                made.write("a1", "other")
        assert made.read("a1") == "text"
        assert [each.name for each in made.path.parent.iterdir()] == ["vault"]

    def test_no_vault_is_locked_and_nothing_is_made_by_asking(self, tmp_path: Path) -> None:
        absent = FileVault(tmp_path)
        for ask in (absent.probe, absent.unlock, lambda: absent.write("a1", "text")):
            with pytest.raises(KeychainLocked, match="no vault yet"):
                ask()
        assert not any(tmp_path.iterdir())


def header(change: Callable[[dict], None]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        document = json.loads(content)
        change(document)
        return json.dumps(document).encode()

    return changed


DAMAGE = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-3],
    "nonsense": lambda content: b"\xff\xfe nonsense",
    "another file": lambda content: b"{}",
    "a list": lambda content: b"[]",
    "nested for ever": lambda content: b"[" * 100_000,
    "header changed": header(lambda document: document["header"].update(passes=2)),
    "salt cut": header(lambda document: document["header"].update(salt="AAAA")),
    "huge memory": header(lambda document: document["header"].update(memory_kib=2**40)),
    "no digest": header(lambda document: document.pop("digest")),
    "another function": header(lambda document: document["header"].update(kdf="scrypt")),
    "items cut": header(lambda document: document.update(items=document["items"][:20])),
    "items gone": header(lambda document: document.pop("items")),
    "items of another": header(lambda document: document.update(items="A" * 80)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_said_and_left_alone(
    made: FileVault, damage: Callable[[bytes], bytes]
) -> None:
    made.write("a1", "text")
    damaged = damage(made.path.read_bytes())
    made.path.write_bytes(damaged)
    for ask in (
        lambda: made.read("a1"),
        lambda: made.write("a1", "other"),
        lambda: made.delete("a1"),
        made.probe,
    ):
        with pytest.raises(VaultDamaged) as found:
            ask()
        assert found.value.hint
    assert made.path.read_bytes() == damaged


def test_a_huge_memory_in_a_whole_header_is_not_asked_for(made: FileVault) -> None:
    """As a damaged header whose digest was put right would say it."""
    content = decoded(made.path.read_bytes())
    derivation = Derivation(3, 4, 2**40, b"s" * 16)
    made.path.write_bytes(type(content)(derivation, b"k" * 60, b"i" * 60).encoded())
    with pytest.raises(VaultDamaged):
        FileVault(made.path.parent).open(PASSPHRASE)


def test_a_later_version_is_told_apart_from_damage(made: FileVault) -> None:
    later = header(lambda document: document.update(version=2, header={"new": 1}))
    newer = later(made.path.read_bytes())
    made.path.write_bytes(newer)
    with pytest.raises(VaultTooNew):
        FileVault(made.path.parent).open(PASSPHRASE)
    assert made.path.read_bytes() == newer


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


WRITER = """
import sys
from pathlib import Path
from manager.core.secret import Secret
from manager.storage.vault import FileVault

vault = FileVault(Path(sys.argv[1]))
vault.open(Secret(sys.argv[2]))
number = int(vault.read("number") or 0)
while True:
    number += 1
    vault.write("number", str(number))
    vault.write("same", str(number))
    print(number, flush=True)
"""


def test_whenever_a_writer_is_killed_the_vault_stands_whole(made: FileVault) -> None:
    done = 0
    for round_ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(made.path.parent), PASSPHRASE.reveal()],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        for _ in range(round_ + 1):
            done = int(writer.stdout.readline())
        writer.kill()
        rest, _ = writer.communicate()
        done = int((rest.split() or [done])[-1])
        number = int(made.read("number") or 0)
        assert number in {done, done + 1}, "what was said to be kept is kept"
        assert int(made.read("same") or 0) in {number, number - 1}
