"""The load: the client in C where there is a compiler, else its like in Python, which measures
itself as well."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("load_client.c")
_IN_PYTHON = Path(__file__).with_name("python_load_client.py")


@dataclass(frozen=True)
class Load:
    """Latencies in seconds."""

    p50: float
    p99: float
    longest: float
    per_second: float


class LoadClient:
    """`folder`: where the compiled client goes."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        self.compiled = compiler is not None
        self._command: list[str | Path] = [sys.executable, _IN_PYTHON]
        if compiler:
            program = folder / "load_client"
            subprocess.run([compiler, "-O2", "-o", program, _SOURCE, "-ldl"], check=True)
            self._command = [program]

    def run(
        self, mode: str, path: str, *, clients: int, requests: int, first: str, second: str
    ) -> Load:
        """`requests`: of each client. See load_client.c for the modes. A failed request raises."""
        sizes = [str(clients), str(requests)]
        done = subprocess.run(
            [*self._command, mode, path, *sizes, first, second],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        found = json.loads(done.stdout)
        if found["failed"]:
            raise RuntimeError(f"{found['failed']} requests of mode {mode} failed")
        p50, p99, longest = (found[name] / 1e6 for name in ("p50", "p99", "max"))
        return Load(p50, p99, longest, found["per_second"])
