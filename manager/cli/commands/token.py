"""account-manager token: print an access token, and nothing else."""

from __future__ import annotations

from manager.client.client import Client
from manager.client.errors import AccountNotFound, ProtocolError
from manager.client.values import Token

TYPE_CHECKING = False  # typing's own would load typing
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "print an access token"
EXAMPLES = """\
account-manager token
account-manager token alice@example.com --min-valid 600
account-manager token --server https://app.speckle.systems
curl -H "Authorization: Bearer $(account-manager token)" https://id.example/userinfo"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "account", nargs="?", metavar="ACCOUNT", help="its id, label, label@server, or server"
    )
    parser.add_argument("--server", metavar="URL", help="the account that you use at this server")
    parser.add_argument(
        "--min-valid",
        type=float,
        default=60.0,
        metavar="S",
        help="seconds that the token must be valid for (60)",
    )


def run(arguments: Namespace) -> int:
    return print_token(
        arguments.account, arguments.server, arguments.min_valid, as_json=arguments.json
    )


def print_token(account: str | None, server: str | None, min_valid: float, *, as_json: bool) -> int:
    """Asks on the connectors' socket, as any other program does."""
    with Client(name="account-manager") as client:
        try:
            # An account that is named says where it is; the server then only narrows the search.
            token = client.token(account, None if account else server, min_valid=min_valid)
        except AccountNotFound:
            if account is None:
                raise
            from manager.cli.account_choice import found  # noqa: PLC0415  # an id needs no list

            token = client.token(found(client, account, server).id, min_valid=min_valid)
    if not token.access_token.isprintable():
        raise ProtocolError("The token holds characters that no token may hold.")
    if as_json:
        _print_json(token)
    else:
        print(token.access_token)
    return 0


def _print_json(token: Token) -> None:
    from manager.cli.output import say_json  # noqa: PLC0415

    say_json({name: getattr(token, name) for name in Token.__slots__})
