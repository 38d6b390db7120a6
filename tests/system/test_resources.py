"""Resources are found in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

import manager
from manager.system.resources import resources_folder


def test_in_this_installation() -> None:
    assert (resources_folder() / "servers.toml").is_file()


def test_inside_the_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "manager"
    package.mkdir()
    monkeypatch.setattr(manager, "__file__", str(package / "__init__.py"))
    with pytest.raises(FileNotFoundError):
        resources_folder()
    (tmp_path / "resources").mkdir()
    assert resources_folder() == tmp_path / "resources"
    (package / "resources").mkdir()
    assert resources_folder() == package / "resources"
