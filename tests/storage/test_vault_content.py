"""The file vault's file: whose it is, what damage is, and that a killed writer leaves it whole."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from manager.core.errors import KeychainDenied, KeychainLocked, KeychainUnavailable
from manager.storage.passphrase_derivation import Derivation
from manager.storage.vault import FileVault
from manager.storage.vault_content import VaultDamaged, VaultTooNew, decoded
from tests.storage.vault_bench import PASSPHRASE, made, quick

__all__ = ["made", "quick"]


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
    for round_ in range(8):
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
