"""The folder may be copied into a plug-in: Python 3.9, standard library, relative imports."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import manager.client

FOLDER = Path(manager.client.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_module_is_python_3_9_and_needs_only_the_standard_library(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"), feature_version=(3, 9))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names, name


def test_annotations_cost_nothing_and_break_nothing_on_python_3_9() -> None:
    for module in MODULES:
        text = module.read_text("utf-8")
        if "->" in text:
            assert "from __future__ import annotations" in text, module


def test_a_copy_of_the_folder_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "plug_in")
    script = (
        "import plug_in, plug_in.async_client, plug_in.launcher, sys;"
        "plug_in.Client(auto_start=False); print('manager' in sys.modules)"
    )
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});{script}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_blocking_client_loads_no_more_than_it_needs() -> None:
    script = "import sys; from manager.client import Client; Client(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"asyncio", "subprocess", "hashlib", "base64", "dataclasses", "tempfile"}
