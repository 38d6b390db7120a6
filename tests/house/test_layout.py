"""The top level holds what the architecture names, and nothing else."""

from __future__ import annotations

import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = [
    "pyproject.toml", "manager", "resources", "tests", "packaging", "README.md", "LICENSE",
    "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "uv.lock", "requirements*.txt", ".*",
]  # fmt: skip
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}


def kept_files() -> list[str]:
    """What git keeps; where there is no git (a source distribution) there is nothing to check."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}", "ls-files"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.splitlines()


def test_top_level() -> None:
    top = {path.split("/")[0] for path in kept_files()}
    assert {name for name in top if not any(fnmatch(name, one) for one in ALLOWED)} == set()


def test_no_module_named_after_nothing() -> None:
    modules = [Path(path) for path in kept_files() if path.endswith(".py")]
    assert modules
    assert [str(one) for one in modules if {*one.parts[:-1], one.stem} & BANNED_NAMES] == []
