"""What the agent may be told on its command line. Never a secret."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import NoReturn

from manager.core.consent import ConsentMode

USAGE = 64


@dataclass(frozen=True, slots=True)
class AgentOptions:
    consent: ConsentMode
    verbose: bool
    own_servers: bool = False
    """Offer the servers of this person's own servers.toml, and no other ones."""


class OptionError(Exception):
    """The command line was not understood, or only asked for help."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status

    def tell(self) -> None:
        print(self, file=sys.stderr if self.status else sys.stdout)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise OptionError(f"account-manager agent: {message}\n{self.format_usage()}", USAGE)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise OptionError((message or "").rstrip(), status)

    def print_help(self, file: object = None) -> None:
        raise OptionError(self.format_help().rstrip(), 0)


def parse_options(arguments: list[str]) -> AgentOptions:
    """Raises OptionError."""
    parser = _Parser(
        prog="account-manager agent",
        description="Keep accounts, renew them, and serve tokens to programs of this user.",
    )
    parser.add_argument(
        "--consent",
        choices=[mode.value for mode in ConsentMode],
        default=ConsentMode.ALLOW.value,
        help="allow (default): every program of this user may get tokens; deny: none may",
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens, without secrets")
    parser.add_argument(
        "--own-servers",
        action="store_true",
        help="offer the servers of your own servers.toml only, not those that come with this "
        "program or machine",
    )
    parsed = parser.parse_args(arguments)
    return AgentOptions(
        consent=ConsentMode(parsed.consent),
        verbose=parsed.verbose,
        own_servers=parsed.own_servers,
    )
