"""The lock files hold what pyproject.toml asks for, on every Python we run on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
LOCKS = ["requirements-lock.txt", "requirements-dev-lock.txt"]


def environment(python: str) -> dict[str, str]:
    return {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.4",
        "extra": "",
    }


def locked(lock: str, python: str) -> dict[str, str]:
    """The versions that this lock installs on that Python, by canonical name."""
    versions: dict[str, str] = {}
    for line in re.findall(r"^[a-z0-9].*", (ROOT / lock).read_text(), re.MULTILINE | re.IGNORECASE):
        pin = Requirement(line.rstrip("\\ "))
        if pin.marker is None or pin.marker.evaluate(environment(python)):
            name = canonicalize_name(pin.name)
            assert name not in versions, f"{name} is locked twice for Python {python}"
            (only,) = pin.specifier
            versions[name] = only.version
    return versions


def asked(lock: str, python: str) -> list[Requirement]:
    """What pyproject.toml asks for on that Python, in every size, and for development."""
    extras = PYPROJECT["project"]["optional-dependencies"]
    lines = [*extras["agent"], *extras["desktop"], *PYPROJECT["build-system"]["requires"]]
    if "dev" in lock:
        lines += PYPROJECT["dependency-groups"]["dev"]
    requirements = [Requirement(line) for line in lines]
    return [
        one
        for one in requirements
        if one.name != PYPROJECT["project"]["name"]
        and (one.marker is None or one.marker.evaluate(environment(python)))
    ]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_pyproject(lock: str, python: str) -> None:
    versions = locked(lock, python)
    unmet = [
        str(one)
        for one in asked(lock, python)
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))
    ]
    assert unmet == [], "run sh packaging/lock.sh"


@pytest.mark.parametrize("python", PYTHONS)
def test_both_locks_agree(python: str) -> None:
    run, development = (locked(lock, python) for lock in LOCKS)
    assert run.items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pins) > 20
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text


def test_pyside_that_aborts_python_3_11_is_impossible_there() -> None:
    wanted = [one for one in asked(LOCKS[0], "3.11") if one.name == "PySide6-Essentials"]
    assert wanted
    assert not any(one.specifier.contains("6.12.0") for one in wanted)
    assert locked(LOCKS[0], "3.11")["pyside6-essentials"] != "6.12.0"
