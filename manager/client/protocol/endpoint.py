"""Where the sockets and the folders beside them are. Never /tmp, never an abstract name."""

from __future__ import annotations

import os
from collections.abc import Mapping

_FOLDER = "account-manager"
_SUN_PATH = 107
"""Longest socket path that Linux binds (sun_path has 108 bytes with its NUL)."""


class EndpointError(ValueError):
    """The environment names no usable place for the sockets; the text says why."""


def runtime_folder(environ: Mapping[str, str] = os.environ) -> str:
    """The folder of the sockets, from ACCOUNT_MANAGER_HOME, XDG_RUNTIME_DIR or the state folder."""
    home = environ.get("ACCOUNT_MANAGER_HOME")
    if home:
        return os.path.join(os.path.abspath(home), "run")
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime and os.path.isabs(runtime):
        return os.path.join(runtime, _FOLDER)
    state = environ.get("XDG_STATE_HOME")
    if not state or not os.path.isabs(state):
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, _FOLDER, "run")


def agent_socket(environ: Mapping[str, str] = os.environ) -> str:
    """The connectors' socket. Raises EndpointError when its path is too long to bind."""
    named = environ.get("ACCOUNT_MANAGER_SOCKET")
    if named and not os.path.isabs(named):
        raise EndpointError("ACCOUNT_MANAGER_SOCKET must be an absolute path.")
    return _checked(named or os.path.join(runtime_folder(environ), "agent.sock"))


def control_socket(environ: Mapping[str, str] = os.environ) -> str:
    """The socket of the desktop, the command line and the relay: beside the connectors' one."""
    return _checked(os.path.join(os.path.dirname(agent_socket(environ)), "control.sock"))


def _checked(path: str) -> str:
    if len(os.fsencode(path)) > _SUN_PATH:
        raise EndpointError("The socket's path is longer than {} bytes: {}".format(_SUN_PATH, path))
    return path
