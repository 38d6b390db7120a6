"""Two rules that no import contract can say: what the relay and the client load when they run."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = sorted((ROOT / "manager" / "client").rglob("*.py"))
RELAY_NEVER_LOADS = {"PySide6", "shiboken6", "qasync", "asyncio", "httpx", "keyring", "msgspec"}

LOADED_BY = """
import importlib, json, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages that a new Python loads for these modules."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADED_BY, *modules],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return set(json.loads(done.stdout))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_relay_loads_neither_qt_nor_asyncio_nor_httpx() -> None:
    loaded = loaded_by("manager.relay")
    assert "manager" in loaded
    assert loaded & RELAY_NEVER_LOADS == set()


def test_client_loads_the_standard_library_alone() -> None:
    loaded = loaded_by(*[dotted(path) for path in CLIENT])
    assert "manager" in loaded
    assert loaded - set(sys.stdlib_module_names) == {"manager"}


def imports_of(tree: ast.AST) -> list[str]:
    """The absolute imports in this tree, at any depth: also those that run later."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append(node.module or "")
    return found


@pytest.mark.parametrize("path", CLIENT, ids=dotted)
def test_client_reads_as_python_3_9_and_imports_relatively(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    assert not [node for node in ast.walk(tree) if type(node).__name__ == "Match"]
    imported = {name.partition(".")[0] for name in imports_of(tree)}
    assert imported - set(sys.stdlib_module_names) == set()
    # tomllib came with 3.11: there it must be asked for, not taken for granted.
    assert "tomllib" not in imported


def test_what_other_programs_import_uses_no_library_of_later_pythons() -> None:
    """Syntax is one thing, names such as datetime.UTC (3.11) another. mypy reads the standard
    library of 3.10 and no older one."""
    command = [
        sys.executable, "-m", "mypy", "--python-version", "3.10", "--cache-dir", os.devnull,
        "-p", "manager.client", "-p", "manager.integrations",
    ]  # fmt: skip
    checked = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
