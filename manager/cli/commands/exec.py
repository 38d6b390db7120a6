"""account-manager exec: run a command with an account's environment variables.

Nothing is written to disk. The command takes the place of this program: its signals and its exit
status are its own. 127: there is no such command; 126: it cannot be run.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import NoReturn

from manager.cli.account_variables import add_choice, until, variables_of
from manager.cli.output import notice, shown
from manager.client.errors import InvalidRequest

SUMMARY = "run a command with an account's environment variables"
EXAMPLES = """\
account-manager exec alice@example.com -- python job.py
account-manager exec --server https://app.speckle.systems -- ./nightly.sh --all
account-manager exec -- env    (the default account)"""
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127


def add_arguments(parser: ArgumentParser) -> None:
    parser.usage = (
        "account-manager exec [-h] [--server URL] [--min-valid S] [--json] "
        "[ACCOUNT] -- COMMAND [ARGUMENT...]"
    )
    add_choice(parser)


def run(arguments: Namespace) -> int:
    """Becomes the command, which so has our process id, streams and signals; returns only where it
    cannot be run: 127 where there is none of that name, 126 where it is no program (POSIX 2.8.2).
    """
    if not arguments.command_line:
        raise InvalidRequest(
            "No command is named.", hint="account-manager exec ACCOUNT -- COMMAND ARGUMENT..."
        )
    got = variables_of(arguments.account, arguments.server, arguments.min_valid)
    if got.expires_at is not None and sys.stderr.isatty():
        notice(until(got.expires_at))
    return _become(arguments.command_line, {**os.environ, **got.variables})


def _become(command: Sequence[str], environ: Mapping[str, str]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    # Python ignores these for itself, and what is ignored stays so in what is run.
    before = {
        each: signal.signal(each, signal.SIG_DFL) for each in (signal.SIGPIPE, signal.SIGXFSZ)
    }
    try:
        _replace(command, environ)
    except OSError as failure:
        for each, handler in before.items():
            signal.signal(each, handler)
        missing = isinstance(failure, FileNotFoundError | NotADirectoryError)
        notice(f"account-manager exec: {shown(command[0])}: {os.strerror(failure.errno or 0)}")
        return _NOT_FOUND if missing else _NOT_EXECUTABLE


def _replace(command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    if not command[0]:
        raise FileNotFoundError(errno.ENOENT, "")
    try:
        os.execvpe(command[0], list(command), dict(environ))  # noqa: S606  # what it is for
    except OSError as failure:
        path = shutil.which(command[0], path=environ.get("PATH"))
        if failure.errno != errno.ENOEXEC or path is None:
            raise
    # A script without #!: execvp(3), and so every shell, gives it to sh.
    os.execve("/bin/sh", ["/bin/sh", path, *command[1:]], dict(environ))  # noqa: S606
