"""account-manager export: let other programs see an account in the file that they read."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import found
from manager.cli.confirmation import confirmed
from manager.cli.output import notice, say, say_json, shown
from manager.client import Account, Client
from manager.client.exchange import objects

SUMMARY = "show an account to programs that read a file of their own"
EXAMPLES = """\
account-manager export alice@example.com
account-manager export alice@example.com --yes    (where nobody can be asked)
account-manager export alice@example.com --off"""
_PATIENCE = 60.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="its id, label, label@server, or server")
    parser.add_argument("--off", action="store_true", help="show it no more")
    parser.add_argument("--yes", action="store_true", help="go on without asking")


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        account = found(client, arguments.account)
        if not arguments.off and (warning := _warning(client, account)):
            notice(shown(warning))
            if not confirmed(f"Show {shown(account.identity)} there?", arguments.yes):
                say("Nothing was written.")
                return 0
        params = {"account": account.id, "exported": not arguments.off}
        answer = client.call("accounts.set_export", params, _PATIENCE)
    if arguments.json:
        say_json(answer)
    elif arguments.off:
        say(f"{shown(account.identity)} is shown to no other program any more.")
    else:
        say(f"{shown(account.identity)} is shown to other programs now, and kept up to date there.")
        notice(f"End it: account-manager export {shown(arguments.account)} --off")
    return 0


def _warning(client: Client, account: Account) -> str:
    """Empty for a kind of server that has no such programs: the agent says so itself."""
    for kind in objects(client.call("providers.list"), "providers"):
        if kind.get("id") == account.provider:
            return str(kind.get("export_warning") or "")
    return ""
