"""account-manager unlock: open the keychain, which may ask for its password, or the file vault."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.output import say, say_json, shown
from manager.cli.vault_prompt import is_file_vault, opened
from manager.client import Client
from manager.client.errors import InvalidRequest

SUMMARY = "unlock the keychain or the file vault"
EXAMPLES = """\
account-manager unlock
account-manager unlock --change-passphrase           (of the file vault)
account-manager unlock --passphrase-fd 3 3< FILE"""
_PATIENCE = 300.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-fd",
        metavar="N",
        type=int,
        help="read the file vault's passphrase (one line) from this descriptor",
    )
    parser.add_argument(
        "--change-passphrase",
        action="store_true",
        help="give the file vault a new passphrase (from a descriptor: the line after the old one)",
    )


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        status = client.call("agent.status")
        if is_file_vault(status):
            answer = opened(
                client,
                made=status.get("vault_made") is True,
                descriptor=arguments.passphrase_fd,
                changing=arguments.change_passphrase,
            )
        elif arguments.change_passphrase or arguments.passphrase_fd is not None:
            raise InvalidRequest(
                "Keys are kept in the system's keychain, which asks for its password by itself.",
                hint="A passphrase is for a file vault: account-manager agent --vault=file",
            )
        else:
            answer = client.call("agent.unlock", timeout=_PATIENCE)
    if arguments.json:
        say_json(answer)
    else:
        say(f"Keychain: {shown(answer.get('keychain', ''))}")
    return 0
