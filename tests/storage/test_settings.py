from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from manager.core.errors import PersonCanAct, StorageUnavailable
from manager.storage.settings import Settings, SettingsUnreadable

WRITTEN_BY_HAND = """# mine
[agent]
start_at_login = true   # not on the laptop

[future.section]
unknown = [1, 2]
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(tmp_path / "config")


def written(settings: Settings, text: str | bytes) -> Settings:
    settings.path.parent.mkdir()
    settings.path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settings


def test_no_file_is_no_settings(settings):
    assert settings.read() == {}


def test_unknown_keys_are_read(settings):
    assert written(settings, WRITTEN_BY_HAND).read()["future"]["section"] == {"unknown": [1, 2]}


def test_a_change_leaves_everything_else_as_it_was(settings):
    written(settings, WRITTEN_BY_HAND).write("agent", "start_at_login", False)
    changed = WRITTEN_BY_HAND.replace("= true", "= false")
    assert settings.path.read_text() == changed
    settings.write("window", "theme", "dark")
    assert settings.path.read_text().startswith(changed.rstrip())
    assert settings.read()["window"] == {"theme": "dark"}
    settings.write("window", "theme", None)
    settings.write("window", "theme", None)
    assert settings.read()["window"] == {}


def test_the_first_change_makes_a_file_for_the_owner(settings):
    settings.write("agent", "log", "info")
    assert settings.read() == {"agent": {"log": "info"}}
    assert stat.S_IMODE(settings.path.stat().st_mode) == 0o600
    assert [each.name for each in settings.path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("text", ["[agent]\nstart = = 1\n", "[agent]\nstart = yes\n"])
def test_bad_toml_names_its_line_and_stays(settings, text):
    written(settings, text)
    for call in (settings.read, lambda: settings.write("agent", "start", True)):
        with pytest.raises(SettingsUnreadable, match="line 2") as caught:
            call()
        assert isinstance(caught.value, PersonCanAct)
        assert caught.value.hint
    assert settings.path.read_text() == text


def test_other_bytes_are_unreadable(settings):
    with pytest.raises(SettingsUnreadable):
        written(settings, b"\xff\xfe").read()


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file")
    with pytest.raises(StorageUnavailable):
        settings.read()
    with pytest.raises(StorageUnavailable):
        settings.write("a", "b", 1)


def test_neither_toml_library_is_loaded_without_need():
    program = "import sys, manager.storage.settings; print({'tomllib', 'tomlkit'} & {*sys.modules})"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout == "set()\n"
