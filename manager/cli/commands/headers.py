"""account-manager headers: the headers that authorize one request."""

from __future__ import annotations

from manager.client.client import Client
from manager.client.errors import AccountNotFound, ProtocolError

TYPE_CHECKING = False  # typing's own would load typing
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "print the headers that authorize one request"
EXAMPLES = """\
account-manager headers alice@example.com GET https://id.example/userinfo
account-manager headers id.example GET https://id.example/api | curl -H @- https://id.example/api"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="its id, label, label@server, or server")
    parser.add_argument("method", metavar="METHOD", help="such as GET")
    parser.add_argument("url", metavar="URL", help="where the request goes: the account's server")


def run(arguments: Namespace) -> int:
    return print_headers(arguments.account, arguments.method, arguments.url, as_json=arguments.json)


def print_headers(account: str, method: str, url: str, *, as_json: bool) -> int:
    """One `Name: value` a line, as `curl -H @-` reads them."""
    with Client(name="account-manager") as client:
        try:
            headers = client.headers(account, method, url)
        except AccountNotFound:
            from manager.cli.account_choice import found  # noqa: PLC0415  # an id needs no list

            headers = client.headers(found(client, account).id, method, url)
    if not all(name.isprintable() and value.isprintable() for name, value in headers.items()):
        raise ProtocolError("A header holds characters that no header may hold.")
    if as_json:
        from manager.cli.output import say_json  # noqa: PLC0415

        say_json({"headers": headers})
    else:
        for name, value in headers.items():
            print(f"{name}: {value}")
    return 0
