from __future__ import annotations

from pathlib import Path

import pytest

from manager.agent.vault_choice import (
    VaultKind,
    VaultUnclear,
    chosen_vault,
    remember_vault,
    vault_of,
)
from manager.storage.settings import Settings
from manager.system.paths import Folders

FILE, SYSTEM = VaultKind.FILE, VaultKind.SYSTEM
NOTHING: dict = {}
REMEMBERED_FILE = {"keychain": {"vault": "file"}}
REMEMBERED_SYSTEM = {"keychain": {"vault": "system"}}


@pytest.mark.parametrize("file_stands", [False, True])
@pytest.mark.parametrize("settings", [NOTHING, REMEMBERED_FILE, REMEMBERED_SYSTEM])
@pytest.mark.parametrize("asked", [FILE, SYSTEM])
def test_what_the_command_line_asks_for(asked, settings, file_stands) -> None:
    assert chosen_vault(asked, settings, file_stands=file_stands) is asked


@pytest.mark.parametrize("file_stands", [False, True])
def test_what_is_remembered_whatever_is_there(file_stands: bool) -> None:
    """A keychain that appears takes no file vault's place, a vault's file no keychain's."""
    assert chosen_vault(None, REMEMBERED_FILE, file_stands=file_stands) is FILE
    assert chosen_vault(None, REMEMBERED_SYSTEM, file_stands=file_stands) is SYSTEM


def test_the_keychain_where_nobody_ever_chose() -> None:
    assert chosen_vault(None, NOTHING, file_stands=False) is SYSTEM


def test_a_vault_that_nothing_speaks_of_is_not_passed_over() -> None:
    with pytest.raises(VaultUnclear):
        chosen_vault(None, NOTHING, file_stands=True)


@pytest.mark.parametrize("wrong", ["plain", "", 1, ["file"], True])
def test_settings_that_cannot_be_followed(wrong: object) -> None:
    with pytest.raises(VaultUnclear):
        chosen_vault(None, {"keychain": {"vault": wrong}}, file_stands=False)
    with pytest.raises(VaultUnclear):
        chosen_vault(None, {"keychain": "file-ish"}, file_stands=False)


class TestRemembering:
    @pytest.fixture
    def folders(self, tmp_path: Path) -> Folders:
        return Folders(*(tmp_path / name for name in ("config", "data", "state", "run")))

    def settings(self, folders: Folders) -> object:
        return Settings(folders.config).read()

    def test_nothing_is_written_without_a_choice(self, folders: Folders) -> None:
        remember_vault(None, folders)
        remember_vault(SYSTEM, folders)
        assert not folders.config.exists()
        assert vault_of(None, folders) is None

    def test_a_choice_is_followed_by_later_starts(self, folders: Folders) -> None:
        remember_vault(FILE, folders)
        assert self.settings(folders) == REMEMBERED_FILE
        assert vault_of(None, folders) is not None

    def test_and_back(self, folders: Folders) -> None:
        remember_vault(FILE, folders)
        remember_vault(SYSTEM, folders)
        assert self.settings(folders) == REMEMBERED_SYSTEM
        assert vault_of(None, folders) is None

    def test_what_else_the_person_wrote_stays(self, folders: Folders) -> None:
        folders.config.mkdir()
        path = folders.config / "settings.toml"
        path.write_text('# mine\n[providers]\nload = ["x"]\n')
        remember_vault(FILE, folders)
        assert path.read_text().startswith('# mine\n[providers]\nload = ["x"]\n')
        assert self.settings(folders)["keychain"] == {"vault": "file"}
