"""Starting the agent when none runs: the recorded launch line, a clean environment, no terminal.

Twenty programs may do this at once: each starts one, the agent's own lock lets a single one stay,
the others end quietly, and everybody finds the same socket.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping

from .errors import AgentUnavailable
from .protocol.launch_record import LaunchRecordError, launch_record, read_launch_command

WAIT = 10.0
"""Seconds that a starting agent has to open its socket."""
_LOCKED_OUT = (0, 75)
"""Exit statuses of an agent that found another one already running or starting."""
_KEPT = frozenset(
    (
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TZ",
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
    )
)
_KEPT_PREFIXES = ("LC_", "XDG_", "ACCOUNT_MANAGER_")
_PATH = "/usr/local/bin:/usr/bin:/bin"
_HINT = "Start it yourself: account-manager agent"

_started: list[subprocess.Popen[bytes]] = []
"""Held, so that an agent that outlives this program is no ResourceWarning in it."""


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What an agent may inherit: nothing that loads code (PYTHON*, LD_*, QT_*) or weakens TLS."""
    kept = {
        name: value
        for name, value in environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    kept["PATH"] = _PATH
    return kept


def start_agent(environ: Mapping[str, str] = os.environ) -> subprocess.Popen[bytes]:
    """Start an agent in its own session and do not wait. Raises AgentUnavailable."""
    try:
        command = read_launch_command(launch_record(environ))
    except LaunchRecordError as error:
        raise AgentUnavailable(
            "No agent is running, and none could be started. {}".format(error), hint=_HINT
        ) from None
    _started[:] = [agent for agent in _started if agent.poll() is None]
    try:
        agent = subprocess.Popen(
            [*command, "agent"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=clean_environment(environ),
            start_new_session=True,
        )
    except OSError as error:
        raise AgentUnavailable(
            "The agent could not be started ({}).".format(error.strerror), hint=_HINT
        ) from None
    _started.append(agent)
    return agent


def end_started_agents() -> None:
    """Ask the agents that this program started, and that still run, to end; not waited for."""
    for agent in _started:
        if agent.poll() is None:
            agent.terminate()


class StartingAgent:
    """An agent on its way: made by starting one, asked between two tries to connect to it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._process = start_agent(environ)
        self._deadline = time.monotonic() + WAIT
        self._pause = 0.005

    def pause(self) -> float:
        """Seconds to wait before the next try. Raises AgentUnavailable when none is worth it."""
        status = self._process.poll()
        if status is not None and status not in _LOCKED_OUT:
            raise AgentUnavailable("The agent ended with status {}.".format(status), hint=_HINT)
        if time.monotonic() > self._deadline:
            raise AgentUnavailable("The agent did not answer within 10 seconds.", hint=_HINT)
        self._pause = min(self._pause * 1.5, 0.1)
        return self._pause
