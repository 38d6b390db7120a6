"""account-manager logout: end an account's session at its server, and forget the account."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import found
from manager.cli.output import say, say_json, shown
from manager.client import Client

SUMMARY = "sign an account out"
EXAMPLES = """\
account-manager logout alice@example.com
account-manager logout alice@example.com --keep-server-session"""
_PATIENCE = 60.0

_SENTENCES: dict[object, str] = {
    True: "Its tokens were revoked at the server.",
    False: "The server was not asked to revoke its tokens, or could not.",
    "unreachable": "The server could not be reached: its tokens stay valid there until they end.",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="its id, label, label@server, or server")
    parser.add_argument(
        "--keep-server-session",
        action="store_true",
        help="forget the account here and revoke nothing at the server",
    )


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        account = found(client, arguments.account)
        params = {"account": account.id, "revoke": not arguments.keep_server_session}
        revoked = client.call("accounts.remove", params, _PATIENCE).get("revoked")
    if arguments.json:
        say_json({"account": account.id, "revoked": revoked})
    else:
        who = shown(f"{account.identity} at {account.server_url}")
        sentence = _SENTENCES.get(revoked, "") if isinstance(revoked, (bool, str)) else ""
        say(f"{who} is signed out. {sentence}".rstrip())
    return 0
