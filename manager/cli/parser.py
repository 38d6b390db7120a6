"""The parser of the command line: built from one module a command."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from manager import __version__

from .exit_status import MEANINGS
from .running import Command, answered

COMMANDS = (
    "login",
    "accounts",
    "use",
    "token",
    "headers",
    "env",
    "exec",
    "credentials",
    "check",
    "import",
    "export",
    "logout",
    "status",
    "unlock",
    "stop",
    "register",
    "unregister",
)
_MODULES = {"import": "import_accounts"}
_RUN_A_COMMAND = ("exec",)
_ROLES = {
    "agent": "run the agent in the foreground (others start it by themselves)",
    "demo": "try everything on practice servers of this machine",
}
_DESCRIPTION = """\
Sign in once per account; every program on this machine gets a valid token.
Without a command, the window opens."""
_EXAMPLES = """\
examples:
  account-manager login https://app.speckle.systems
  account-manager accounts
  curl -H "Authorization: Bearer $(account-manager token)" https://app.speckle.systems/graphql"""


class _Parser(argparse.ArgumentParser):
    """Wrong use ends with this program's own status for it (64), not argparse's 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage()
        self.exit(64, f"{self.prog}: {message}. See {self.prog} --help.\n")

    def print_usage(self, file: object = None) -> None:
        super().print_usage(sys.stderr)


def parsed(arguments: list[str]) -> Command:
    """The command that `arguments` ask for; ends the program for wrong use and for `--help`."""
    words, command_line = _split(arguments)
    read = _parser().parse_args(words)
    read.command_line = command_line
    module = module_of(read.command)
    return lambda: answered(lambda: int(module.run(read)), as_json=read.json)


def module_of(command: str) -> ModuleType:
    """A command's module has its name, but where that is a word of Python's own."""
    return import_module(f".commands.{_MODULES.get(command, command)}", __package__)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours, and what follows the first `--` where the command runs another one with it."""
    if arguments[:1] not in [[name] for name in _RUN_A_COMMAND] or "--" not in arguments:
        return arguments, []
    end = arguments.index("--")
    return arguments[:end], arguments[end + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="account-manager",
        description=_DESCRIPTION,
        epilog=f"{_EXAMPLES}\n\nexit status:\n{_statuses()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"account-manager {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, title="commands", metavar="COMMAND", parser_class=_Parser
    )
    for name in COMMANDS:
        module = module_of(name)
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=(module.__doc__ or "").partition(": ")[2],
            epilog="examples:\n" + "\n".join(f"  {each}" for each in module.EXAMPLES.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_arguments(command)
        command.add_argument(
            "--json", action="store_true", help="write JSON, errors too (those on stderr)"
        )
    for role, summary in _ROLES.items():  # run by the program's entry point, never from here
        commands.add_parser(role, help=summary)
    return parser


def _statuses() -> str:
    return "\n".join(f"  {status:<5}{meaning}" for status, meaning in MEANINGS.items())
