"""A session made for one test: a home, a runtime folder, an environment and what runs in it.

Nothing of the developer's own settings gets in, and whatever a test started in it is ended with it:
every process of the session is known by its HOME, which no other process has.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.real_parts.waiting import until


def processes_at(home: Path) -> dict[int, str]:
    """Every process with this HOME that is alive, but for this one, with its command line."""
    mark = f"HOME={home}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = words.decode(errors="replace").strip()
        except OSError:
            continue  # ended meanwhile, or somebody else's
    return found


class PrivateSession:
    """`environment` is what every process of the session is started with; parts add to it."""

    def __init__(self) -> None:
        # Short: a socket's path has 107 characters, and programs make folders of their own below.
        self.folder = Path(tempfile.mkdtemp(prefix="am-", dir="/tmp"))
        self.home = self.folder / "home"
        self.runtime = self.folder / "run"
        self.commands = self.folder / "bin"
        for path in (self.home, self.runtime, self.commands):
            path.mkdir(mode=0o700)
        self.environment = {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            # As a login sets it. Without it libdbus starts a bus by itself below a display;
            # until a test brings a SessionBus nobody answers here.
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime / 'bus'}",
            "PATH": f"{self.commands}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        arguments: Sequence[str | Path],
        *,
        stdin: bytes | None = None,
        environment: dict[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        stdout: int | None = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start a program of the session; what it says on stderr goes to `log` of its name."""
        program = Path(arguments[0]).name
        with self.log(program).open("ab") as log:
            process = subprocess.Popen(
                arguments,
                env={**self.environment, **(environment or {})},
                cwd=self.home,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=stdout,
                stderr=log,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self._started.append(process)
        if stdin is not None:
            assert process.stdin is not None
            process.stdin.write(stdin)
            process.stdin.close()
        return process

    def run(
        self, arguments: Sequence[str | Path], *, timeout: float = 20, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program of the session to its end; raises CalledProcessError if it fails."""
        return subprocess.run(
            arguments,
            env=self.environment,
            cwd=self.home,
            input=stdin,
            capture_output=True,
            check=True,
            timeout=timeout,
        )

    def log(self, program: str) -> Path:
        return self.folder / f"{program}.log"

    def processes(self) -> dict[int, str]:
        """Every process of this session that is alive, with its command line."""
        return processes_at(self.home)

    def close(self, patience: float = 5.0) -> None:
        """End every process of the session, politely first, and remove its folders.

        `patience`: seconds that a process may take to end by itself.
        """
        for how, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            for process in self.processes():
                try:
                    os.kill(process, how)
                except ProcessLookupError:
                    continue
            try:
                until(self._all_ended, "end of the session's processes", seconds)
                break
            except TimeoutError:
                continue
        for process in self._started:
            process.wait(5)
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()
        left = self.processes()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert left == {}, f"not to be ended: {left}"

    def _all_ended(self) -> bool:
        for process in self._started:
            process.poll()  # an ended child stays in /proc until somebody asks
        return not self.processes()
