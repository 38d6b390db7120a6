"""What the agent may be told on its command line. Never a secret."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import NoReturn

from manager.core.consent import ConsentMode

from .vault_choice import VaultKind

USAGE = 64


@dataclass(frozen=True, slots=True)
class AgentOptions:
    consent: ConsentMode
    verbose: bool
    own_servers: bool = False
    """Offer the servers of this person's own servers.toml, and no other ones."""
    vault: VaultKind | None = None
    """None: as the settings say."""
    passphrase_descriptor: int | None = None


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
    parser.add_argument(
        "--vault",
        choices=[kind.value for kind in VaultKind],
        help="where keys are kept: in the keychain of your session (system), or in a file that a "
        "passphrase opens (file), for machines without one; remembered for later starts",
    )
    parser.add_argument(
        "--passphrase-fd",
        metavar="N",
        type=_descriptor,
        help="read the file vault's passphrase (one line) from this descriptor; without it, from "
        "systemd's credential account-manager.passphrase, or from the terminal",
    )
    parsed = parser.parse_args(arguments)
    if parsed.passphrase_fd is not None and parsed.vault == VaultKind.SYSTEM:
        parser.error("--passphrase-fd is for --vault=file")
    return AgentOptions(
        consent=ConsentMode(parsed.consent),
        verbose=parsed.verbose,
        own_servers=parsed.own_servers,
        vault=None if parsed.vault is None else VaultKind(parsed.vault),
        passphrase_descriptor=parsed.passphrase_fd,
    )


def _descriptor(word: str) -> int:
    """The word is never repeated: somebody may have typed the passphrase itself."""
    if not (word.isdecimal() and len(word) < 6):
        raise argparse.ArgumentTypeError("it takes the number of an open descriptor")
    return int(word)
