"""Where the agent takes a passphrase from, and where it never does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.agent.passphrase import CREDENTIAL, NoPassphrase, open_at_start
from manager.core.errors import InvalidRequest, KeychainLocked, PassphraseRefused
from manager.core.secret import Secret
from manager.storage.passphrase_derivation import Derivation
from manager.storage.vault import FileVault

RIGHT, WRONG = "correct horse battery", "incorrect horse"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = Derivation(passes=1, lanes=1, memory=8, salt=b"s" * 16)
    monkeypatch.setattr(Derivation, "new", lambda random: weak)


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    FileVault(tmp_path).make(Secret(RIGHT))
    return FileVault(tmp_path)


def is_open(vault: FileVault) -> bool:
    try:
        vault.probe()
    except KeychainLocked:
        return False
    return True


@pytest.fixture
def pipe() -> Iterator[Callable[[bytes], int]]:
    made: list[int] = []

    def write(content: bytes) -> int:
        reading, writing = os.pipe()
        os.write(writing, content)
        os.close(writing)
        made.append(reading)
        return reading

    yield write
    for each in made:
        with pytest.raises(OSError, match="Bad file descriptor"):  # it was closed after reading
            os.fstat(each)


class Person:
    """Types one answer after the other, none of them shown."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self._answers.pop(0)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nsomething else\n"])
def test_from_a_descriptor(vault: FileVault, pipe: Callable, end: bytes) -> None:
    assert open_at_start(vault, pipe(RIGHT.encode() + end), {})
    assert is_open(vault)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\n", b"x" * 5000])
def test_a_descriptor_that_holds_none(vault: FileVault, pipe: Callable, content: bytes) -> None:
    with pytest.raises(NoPassphrase):
        open_at_start(vault, pipe(content), {}, Person())
    assert not is_open(vault)


def test_a_descriptor_that_is_not_open(vault: FileVault) -> None:
    with pytest.raises(NoPassphrase):
        open_at_start(vault, 99_999, {}, Person())


def test_from_systemd_s_credentials(vault: FileVault, tmp_path: Path) -> None:
    (tmp_path / CREDENTIAL).write_text(RIGHT)
    assert open_at_start(vault, None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, Person())
    assert is_open(vault)


def test_credentials_without_ours(vault: FileVault, tmp_path: Path) -> None:
    assert not open_at_start(vault, None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert not is_open(vault)


def test_the_descriptor_comes_first(vault: FileVault, pipe: Callable, tmp_path: Path) -> None:
    (tmp_path / CREDENTIAL).write_text(WRONG)
    assert open_at_start(vault, pipe(RIGHT.encode()), {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_wrong_one_from_a_machine_ends_the_start(vault: FileVault, pipe: Callable) -> None:
    with pytest.raises(PassphraseRefused):
        open_at_start(vault, pipe(WRONG.encode()), {}, Person(RIGHT))


def test_the_first_one_from_a_machine_makes_the_vault(tmp_path: Path, pipe: Callable) -> None:
    fresh = FileVault(tmp_path)
    assert open_at_start(fresh, pipe(RIGHT.encode()), {})
    assert fresh.made
    assert is_open(fresh)


def test_a_person_is_asked_again(vault: FileVault, capsys: pytest.CaptureFixture[str]) -> None:
    person = Person(WRONG, "", RIGHT)
    assert open_at_start(vault, None, {}, person)
    assert is_open(vault)
    assert len(person.asked) == 3
    said = capsys.readouterr()
    assert "not the vault's passphrase" in said.err
    assert WRONG not in said.err + said.out


def test_but_not_for_ever(vault: FileVault) -> None:
    with pytest.raises(PassphraseRefused):
        open_at_start(vault, None, {}, Person(WRONG, WRONG, WRONG))


def test_a_new_one_is_asked_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = FileVault(tmp_path)
    person = Person(RIGHT, WRONG, "short", "short", RIGHT, RIGHT)
    assert open_at_start(fresh, None, {}, person)
    FileVault(tmp_path).open(Secret(RIGHT))
    said = capsys.readouterr()
    assert "not the same" in said.err
    assert "at least 8 characters" in said.err
    assert "Nobody can restore" in said.out


def test_one_that_is_never_the_same_twice_makes_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        open_at_start(FileVault(tmp_path), None, {}, Person(*"abcdef"))
    assert not any(tmp_path.iterdir())


def test_nobody_to_ask(vault: FileVault) -> None:
    assert not open_at_start(vault, None, {})
    assert not is_open(vault)


def test_no_variable_holds_it(vault: FileVault) -> None:
    names = [
        prefix + name
        for prefix in ("", "ACCOUNT_MANAGER_", "ACCOUNT_MANAGER_VAULT_")
        for name in ("PASSPHRASE", "PASSWORD", "VAULT_PASSPHRASE", "PASSPHRASE_FD", "KEY")
    ]
    assert not open_at_start(vault, None, dict.fromkeys(names, RIGHT))
    assert not is_open(vault)
