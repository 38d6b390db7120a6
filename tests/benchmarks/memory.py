"""The agent's memory beside that of a process which imports exactly what the agent imported."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.program import Program, resident
from tests.benchmarks.results import Goal, Results

IMPORT_SET = "its own import set"
_IMPORTS = """
import importlib, sys
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except ImportError:  # something that its package provides only in its own way
        pass
print("ready", flush=True)
input()
"""


def measure_memory(results: Results, program: Program, accounts: list[str], rounds: int) -> None:
    """With `accounts` stored, and a token of each handed out."""
    name = f"agent: memory with {len(accounts)} accounts"
    results.measure(name, "MB", Goal(IMPORT_SET, above=5e6))
    for _ in range(rounds):
        program.stop()
        log = program.session.log("python")
        log.unlink(missing_ok=True)
        program.start("-X", "importtime")
        with program.client() as client:
            for account in accounts:
                client.token(account)
        results.add(name, "ours", program.resident())
        imported = [
            line.rpartition("|")[2].strip()
            for line in log.read_text().splitlines()
            if line.startswith("import time:") and "|" in line
        ]
        results.add(name, IMPORT_SET, bare(imported[1:]))


def bare(modules: list[str]) -> float:
    """Bytes of a Python that imported `modules`, in this order, and did nothing else."""
    skipped = {"__main__", "manager.__main__", "site", "sitecustomize", "usercustomize"}
    wanted = [module for module in modules if module not in skipped]
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _IMPORTS.replace("sys.stdin.read()", "input()")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(" ".join(wanted) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        size = resident(process.pid)
        process.stdin.write("\n")
    return size
