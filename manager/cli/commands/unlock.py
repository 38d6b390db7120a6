"""account-manager unlock: have the keychain unlocked; it may ask for its password."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.output import say, say_json, shown
from manager.client import Client

SUMMARY = "unlock the keychain"
EXAMPLES = "account-manager unlock"
_PATIENCE = 300.0


def add_arguments(parser: ArgumentParser) -> None:
    """It takes none of its own."""


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        answer = client.call("agent.unlock", timeout=_PATIENCE)
    if arguments.json:
        say_json(answer)
    else:
        say(f"Keychain: {shown(answer.get('keychain', ''))}")
    return 0
