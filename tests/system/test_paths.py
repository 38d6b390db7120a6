"""The folders are the user's own, closed to others, and all below ACCOUNT_MANAGER_HOME."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from manager.client.protocol.launch_record import launch_record
from manager.core.errors import StorageUnavailable
from manager.system.paths import Folders, FolderUnsafe, folders, prepare, private_folder


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_directory_holds_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNT_MANAGER_HOME", str(tmp_path / "home"))
    found = prepare(folders())
    assert found == Folders(*(tmp_path / "home" / n for n in ("config", "data", "state", "run")))
    assert {_mode(path) for path in (found.config, found.data, found.state, found.run)} == {0o700}
    assert launch_record() == str(found.state / "launch.json")


def test_the_field_standard_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCOUNT_MANAGER_HOME", raising=False)
    for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR"):
        monkeypatch.setenv(f"XDG_{name}", str(tmp_path / name))
    assert folders() == Folders(
        config=tmp_path / "CONFIG_HOME/account-manager",
        data=tmp_path / "DATA_HOME/account-manager",
        state=tmp_path / "STATE_HOME/account-manager",
        run=tmp_path / "RUNTIME_DIR/account-manager",
    )


def test_never_below_tmp_without_a_runtime_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    for name in ("ACCOUNT_MANAGER_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("XDG_DATA_HOME", "")
    assert folders() == Folders(
        config=Path("/home/ada/.config/account-manager"),
        data=Path("/home/ada/.local/share/account-manager"),
        state=Path("/home/ada/.local/state/account-manager"),
        run=Path("/home/ada/.local/state/account-manager/run"),
    )


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    assert _mode(private_folder(folder)) == 0o700


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert _mode(private_folder(tmp_path / "a" / "b")) == 0o700
    finally:
        os.umask(before)


@pytest.mark.parametrize("kind", ["link to a folder", "dangling link", "file"])
def test_what_is_no_folder_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "run"
    if kind == "file":
        folder.touch()
    else:
        folder.symlink_to(tmp_path / "elsewhere")
        if kind == "link to a folder":
            (tmp_path / "elsewhere").mkdir()
    with pytest.raises(FolderUnsafe) as caught:
        private_folder(folder)
    assert caught.value.hint


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_another_owner_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(FolderUnsafe, match="another user"):
        private_folder(folder)


def test_where_nothing_can_be_made() -> None:
    with pytest.raises(StorageUnavailable):
        private_folder(Path("/proc/account-manager/run"))


def test_a_folder_that_all_users_share_is_refused_and_stays_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(FolderUnsafe, match="shared"):
        private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
    tmp_path.chmod(0o700)
