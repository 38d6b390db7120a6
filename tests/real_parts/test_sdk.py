"""The SDKs' environments hold what their lock says, and of ours nothing that needs more."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .sdk import NAMES, ROOT

pytestmark = pytest.mark.real
MODULES = {"specklepy": "specklepy", "mesh-sdk": "mesh", "foxnose-sdk": "foxnose_sdk"}
SCRIPT = """
import importlib.metadata as metadata, importlib.util, sys
import manager.client
print(metadata.version(sys.argv[1]))
print(importlib.util.find_spec(sys.argv[2]) is not None)
print(importlib.util.find_spec("PySide6") is None and importlib.util.find_spec("msgspec") is None)
"""


@pytest.mark.parametrize("name", NAMES)
def test_an_sdk_stands_beside_our_smallest_size(
    name: str, sdk_python: Callable[[str], Path]
) -> None:
    command = [str(sdk_python(name)), "-I", "-c", SCRIPT, name, MODULES[name]]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    lock = (ROOT / "packaging" / "sdk" / f"{name}.txt").read_text()
    locked = re.search(rf"^{re.escape(name)}==(\S+)", lock, re.MULTILINE)
    assert locked is not None
    assert said.stdout.split() == [locked.group(1), "True", "True"]
