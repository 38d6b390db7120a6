"""The unmodified SDKs of the systems, each in its own environment beside our smallest size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".build" / "sdk"
NAMES = ("specklepy", "mesh-sdk", "foxnose-sdk")
_BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


class SdkEnvironments:
    """`python(name)`: the interpreter of an SDK's environment; ours is put beside it at first use,
    built from this checkout, without anything that it may depend on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wheel: Path | None = None
        self._ready: dict[str, Path] = {}

    def python(self, name: str) -> Path:
        if name not in self._ready:
            interpreter = ENVIRONMENTS / name / "bin" / "python"
            if not interpreter.exists():
                pytest.fail(f"{name} is not set up: run sh packaging/setup.sh test")
            options = ["--quiet", "--disable-pip-version-check", "--python", str(interpreter)]
            install = ["install", "--no-deps", "--no-index", "--force-reinstall"]
            _run([sys.executable, "-m", "pip", *options, *install, str(self._built())])
            self._ready[name] = interpreter
        return self._ready[name]

    def _built(self) -> Path:
        if self._wheel is None:
            name = _run([sys.executable, "-c", _BUILD, str(self._folder)]).split()[-1]
            self._wheel = self._folder / name
        return self._wheel


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
