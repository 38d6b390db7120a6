"""account-manager accounts: who is signed in where."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import look_alike
from manager.cli.consent import consent_notice
from manager.cli.output import notice, say, say_json, shown, table
from manager.client import Account, Client

SUMMARY = "list the accounts that are signed in"
EXAMPLES = """\
account-manager accounts
account-manager accounts --server https://app.speckle.systems --json"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--server", metavar="URL", help="only those of this server")
    parser.add_argument("--provider", metavar="KIND", help="only those of this kind of server")


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        accounts = client.accounts(arguments.server, arguments.provider)
        consent = str(client.call("agent.status").get("consent", ""))
    if arguments.json:
        say_json({"accounts": [each.to_wire() for each in accounts], "consent": consent})
        return 0
    if accounts:
        columns: tuple[str, ...] = ("", "ACCOUNT", "SERVER", "KIND", "STATE")
        rows = [_row(each) for each in accounts]
        if look_alike(accounts):  # then only the id tells them apart
            columns = (*columns, "ID")
            rows = [(*row, each.id) for row, each in zip(rows, accounts, strict=True)]
        table(columns, rows)
    else:
        say("No account is signed in. Sign in: account-manager login SERVER")
    if said := consent_notice(consent):
        notice(said)
    return 0


def _row(account: Account) -> tuple[str, ...]:
    default = "*" if account.is_default else "+" if account.is_server_default else ""
    words = (account.identity, account.server_url, account.provider, _state(account))
    return (default, *(shown(word) for word in words))


def _state(account: Account) -> str:
    if account.needs_attention:
        return "needs sign-in"
    if account.last_attempt == "unreachable":
        return "signed in (server away)"
    if account.last_attempt == "uncertain":
        return "signed in (renewal uncertain)"
    return "signed in (exported)" if account.exported else "signed in"
