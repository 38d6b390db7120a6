"""The variables of the account that the command line names, asked for as any connector does."""

from __future__ import annotations

import time
from argparse import ArgumentParser

from manager.client import Client, Variables
from manager.client.errors import AccountNotFound

from .account_choice import found
from .variable_formats import checked

MIN_VALID = 300.0


def add_choice(parser: ArgumentParser) -> None:
    """The arguments that say whose variables, and for how long at least."""
    parser.add_argument(
        "account", nargs="?", metavar="ACCOUNT", help="its id, label, label@server, or server"
    )
    parser.add_argument("--server", metavar="URL", help="the account that you use at this server")
    parser.add_argument(
        "--min-valid",
        type=float,
        default=MIN_VALID,
        metavar="S",
        help="seconds that they must be valid for (300)",
    )


def variables_of(account: str | None, server: str | None, min_valid: float) -> Variables:
    """Whose: as in `account-manager token`. Raises AccountManagerError."""
    with Client(name="account-manager") as client:
        try:
            got = client.variables(account, None if account else server, min_valid=min_valid)
        except AccountNotFound:
            if account is None:
                raise
            chosen = found(client, account, server)
            got = client.variables(chosen.id, min_valid=min_valid)
    checked(got.variables)
    return got


def until(expires_at: float) -> str:
    """When they end, in the person's own time."""
    ends = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(expires_at))
    return f"What these variables hold is valid until {ends}; ask again then."
