"""How an agent is started: an owner-only file that the program writes and the client checks.

The file `launch.json` in the state folder holds
`{"format": 1, "command": ["/absolute/python", "-I", "-m", "manager"]}`, or one absolute path where
the program is frozen. No other arguments are taken from it: `-I` keeps `PYTHONPATH`, the user's
site-packages and the working directory out of the started interpreter.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from typing import List, Mapping, Sequence

_FORMAT = 1
_INTERPRETED = ["-I", "-m", "manager"]
_LARGEST = 16_384


class LaunchRecordError(ValueError):
    """The record cannot be trusted; the text says why, for the person."""


class LaunchRecordMissing(LaunchRecordError):
    """The program was never run by this user, so nobody knows where it is."""


def state_folder(environ: Mapping[str, str] = os.environ) -> str:
    """The folder of machine-bound state; the program's own `paths` asks here too."""
    home = environ.get("ACCOUNT_MANAGER_HOME")
    if home:
        return os.path.join(os.path.abspath(home), "state")
    state = environ.get("XDG_STATE_HOME")
    if not state or not os.path.isabs(state):  # XDG Base Directory: relative paths are ignored
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "account-manager")


def launch_record(environ: Mapping[str, str] = os.environ) -> str:
    """Where the record is."""
    return os.path.join(state_folder(environ), "launch.json")


def write_launch_command(command: Sequence[str], path: str) -> None:
    """Record `command`, whole or not at all. The folder must exist.

    Raises LaunchRecordError for a command that `read_launch_command` would refuse, OSError.
    """
    _check_shape(list(command))
    _check_executable(command[0])
    folder = os.path.dirname(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".launch-", dir=folder)  # 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"format": _FORMAT, "command": list(command)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_launch_command(path: str) -> List[str]:
    """The command that starts the program, to which a role (`agent`) is appended.

    Raises LaunchRecordMissing, or LaunchRecordError when the file or the program that it names
    could have been changed by another user.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise LaunchRecordMissing(
            "Account Manager has not been started yet by this user. Start it once."
        ) from None
    except OSError as error:
        raise LaunchRecordError(
            "The launch record cannot be read ({}): {}".format(error.strerror, path)
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        _check_record(os.fstat(file.fileno()), path)
        content = file.read(_LARGEST + 1)
    command = _parsed(content, path)
    _check_shape(command)
    _check_executable(command[0])
    return command


def _check_record(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise LaunchRecordError("The launch record is not a file: {}".format(path))
    if not hasattr(os, "getuid"):
        return  # Windows: the folder's access list, which is the user's own, decides
    if status.st_uid != os.getuid():
        raise LaunchRecordError("The launch record belongs to another user: {}".format(path))
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise LaunchRecordError(
            "The launch record is open to other users; remove it and start Account Manager "
            "once: {}".format(path)
        )


def _parsed(content: bytes, path: str) -> List[str]:
    try:
        record = json.loads(content.decode("utf-8")) if len(content) <= _LARGEST else None
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise LaunchRecordError("The launch record is damaged: {}".format(path))
    command = record.get("command")
    if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
        raise LaunchRecordError("The launch record is damaged: {}".format(path))
    return command


def _check_shape(command: List[str]) -> None:
    if not command or command[1:] not in ([], _INTERPRETED):
        raise LaunchRecordError("The launch record holds another command than Account Manager's.")
    if "\0" in command[0] or not os.path.isabs(command[0]):
        raise LaunchRecordError("The launch record names a program without an absolute path.")


def _check_executable(path: str) -> None:
    """A virtual environment's python is a link: both ends and both folders are looked at."""
    target = os.path.realpath(path)
    try:
        status = os.stat(target)
        folders = [os.stat(os.path.dirname(name)) for name in (path, target)]
    except OSError:
        raise LaunchRecordError(
            "The program in the launch record is gone; start Account Manager once: {}".format(path)
        ) from None
    if not stat.S_ISREG(status.st_mode) or not os.access(target, os.X_OK):
        raise LaunchRecordError("The launch record names no program: {}".format(path))
    if not hasattr(os, "getuid"):
        return
    for found in (status, *folders):
        if found.st_uid not in (0, os.getuid()) or _open_to_others(found):
            raise LaunchRecordError(
                "Another user could change the program in the launch record: {}".format(path)
            )


def _open_to_others(status: os.stat_result) -> bool:
    if status.st_mode & stat.S_IWOTH:
        return True
    # Where each user has a group of their own, their files are writable by that group.
    return bool(status.st_mode & stat.S_IWGRP) and status.st_gid not in (0, os.getgid())
