"""Where icons, presets and other data files are."""

from __future__ import annotations

from pathlib import Path

import manager


def resources_folder() -> Path:
    """`manager/resources` in an installed wheel or a frozen program, else the checkout's own.

    Raises FileNotFoundError where the installation is incomplete.
    """
    package = Path(manager.__file__).resolve().parent
    for folder in (package / "resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"Account Manager's resources are missing beside {package}")
