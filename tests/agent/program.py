"""Agents as processes, in a home and a session of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.hardship.wire import Wire
from tests.real_parts.waiting import until


class Program:
    """Agents in one home of their own; a session without a bus, so without a keychain."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ACCOUNT_MANAGER_HOME": str(home),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={home}/no-bus",
        }
        self.sockets = [home / "run" / name for name in ("agent.sock", "control.sock")]
        self.started: list[subprocess.Popen[str]] = []

    def launch(self, *arguments: str, descriptors: Sequence[int] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "manager", "agent", *arguments],
            env=self.environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=descriptors,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, descriptors: Sequence[int] = ()) -> tuple[int, str, str]:
        """Exit status, standard output and error."""
        process = self.launch(*arguments, descriptors=descriptors)
        out, err = process.communicate(timeout=10)
        return process.returncode, out, err

    def running(self, *arguments: str, descriptors: Sequence[int] = ()) -> subprocess.Popen[str]:
        process = self.launch("--verbose", *arguments, descriptors=descriptors)
        until(lambda: answers(self.sockets[1]), "agent that answers")
        return process

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.home, ignore_errors=True)


def answers(path: Path) -> bool:
    try:
        Wire(path).close()
    except OSError:
        return False
    return True
