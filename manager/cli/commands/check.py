"""account-manager check: ask the servers whether you are still signed in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import found
from manager.cli.exit_status import status_of
from manager.cli.output import say, say_json, shown, table
from manager.client import Account, Client
from manager.client.errors import AccountManagerError, ConnectionLost

SUMMARY = "ask the servers whether you are still signed in"
EXAMPLES = """\
account-manager check                      (all accounts)
account-manager check alice@example.com && ./nightly.sh"""
_PATIENCE = 60.0
_SIGNED_OUT = status_of("sign_in_required")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "account", nargs="?", metavar="ACCOUNT", help="its id, label, label@server, or server"
    )


def run(arguments: Namespace) -> int:
    """0: all are signed in; 77: a server said that one is not; 75, 76: there was no verdict."""
    with Client(control=True, name="account-manager") as client:
        if arguments.account is None:
            accounts = client.accounts()
        else:
            accounts = [found(client, arguments.account)]
        checked = [_Checked(client, account) for account in accounts]
    if arguments.json:
        say_json({"accounts": [each.to_json() for each in checked]})
    elif checked:
        table(("ACCOUNT", "SERVER", "KIND", "VERDICT"), [each.row() for each in checked])
    else:
        say("No account is signed in. Sign in: account-manager login SERVER")
    statuses = [each.status for each in checked]
    return _SIGNED_OUT if _SIGNED_OUT in statuses else max(statuses, default=0)


class _Checked:
    """One account and what its server said."""

    def __init__(self, client: Client, account: Account) -> None:
        self.account = account
        self.failure: AccountManagerError | None = None
        self.verdict, self.message = "", ""
        try:
            answer = client.call("accounts.verify", {"account": account.id}, _PATIENCE)
        except ConnectionLost:
            raise
        except AccountManagerError as failure:
            self.failure = failure
        else:
            self.verdict = str(answer.get("verdict", ""))
            self.message = str(answer.get("message") or "")

    @property
    def status(self) -> int:
        if self.failure is None:
            return 0 if self.verdict == "signed_in" else _SIGNED_OUT
        # A kind of server that nobody can ask is no reason to fail a whole night's job.
        return 0 if self.failure.kind == "invalid_request" else status_of(self.failure.kind)

    def row(self) -> tuple[str, ...]:
        account = self.account
        words = (account.identity, account.server_url, account.provider, self._sentence())
        return tuple(shown(word) for word in words)

    def _sentence(self) -> str:
        if self.failure is not None:
            return f"not known: {self.failure.message}"
        said = "signed in" if self.verdict == "signed_in" else "signed out"
        return f"{said}: {self.message}" if self.message else said

    def to_json(self) -> dict[str, object]:
        checked: dict[str, object] = {
            "account": self.account.id,
            "identity": self.account.identity,
            "server": self.account.server_url,
            "verdict": self.verdict or None,
            "message": self.message or None,
        }
        if self.failure is not None:
            checked["error"] = {"kind": self.failure.kind, "message": self.failure.message}
        return checked
