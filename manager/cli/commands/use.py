"""account-manager use: choose the account that programs get when they name none."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import found
from manager.cli.output import say, say_json, shown
from manager.client import Client

SUMMARY = "choose the default account"
EXAMPLES = """\
account-manager use alice@example.com
account-manager use alice@example.com --server    (only for the server that the account is at)"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="its id, label, label@server, or server")
    parser.add_argument(
        "--server", action="store_true", help="only for programs that name the account's server"
    )


def run(arguments: Namespace) -> int:
    scope = "server" if arguments.server else "overall"
    with Client(control=True, name="account-manager") as client:
        account = found(client, arguments.account)
        client.call("accounts.set_default", {"account": account.id, "for": scope})
    if arguments.json:
        say_json({"account": account.id, "for": scope})
    else:
        where = f" at {account.server_url}" if arguments.server else ""
        say(f"{shown(account.identity)} is the default{shown(where)} now.")
    return 0
