"""account-manager login: sign in through the browser."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from manager.cli.account_choice import found
from manager.cli.output import notice, say, say_json, shown
from manager.cli.sign_in_wait import awaited
from manager.cli.terminal_input import line_of_pipe, on_terminal, typed_secret
from manager.client import Account, Client
from manager.client.errors import InvalidRequest
from manager.client.exchange import given

SUMMARY = "sign in to a server"
EXAMPLES = """\
account-manager login https://app.speckle.systems
account-manager login https://id.example --client-id my-app --scope openid --scope email
account-manager login https://id.example --redirect paste --no-browser    (over ssh)
account-manager login --account alice@example.com                         (sign in again)"""
_PREPARING = 120.0
"""Seconds for finding out what stands at the address; a second sign-in at the same redirect URI
waits that long for its turn."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("server", nargs="?", metavar="SERVER", help="the server's address")
    parser.add_argument("--provider", metavar="KIND", help="the kind of server: oidc, speckle")
    parser.add_argument("--client-id", metavar="ID", help="as registered at the server")
    parser.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="ask for the client secret, or read it as the first line of a pipe",
    )
    parser.add_argument("--method", choices=("browser", "device", "form"), help="how to sign in")
    parser.add_argument(
        "--redirect",
        choices=("scheme", "loopback", "paste"),
        help="how the browser's answer comes back",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the link")
    parser.add_argument(
        "--scope", action="append", metavar="SCOPE", help="ask for it (may be given repeatedly)"
    )
    parser.add_argument("--account", metavar="ACCOUNT", help="sign in again as this account")


def run(arguments: Namespace) -> int:
    secret = _client_secret() if arguments.client_secret_stdin else None
    with Client(control=True, name="account-manager") as client:
        begun = _begun(client, arguments, secret)
        sign_in = str(begun.get("sign_in", ""))
        try:
            account = _finished(client, sign_in, begun, arguments)
        except KeyboardInterrupt:
            client.call("sign_in.cancel", {"sign_in": sign_in})
            raise
    if arguments.json:
        say_json(account)
    else:
        signed_in = Account.from_wire(account)
        say(f"Signed in as {shown(signed_in.identity)} at {shown(signed_in.server_url)}.")
    return 0


def _begun(client: Client, arguments: Namespace, secret: str | None) -> dict[str, object]:
    again = found(client, arguments.account) if arguments.account else None
    server = arguments.server or (again.server_url if again else None)
    if server is None:
        raise InvalidRequest("No server is named.", hint="account-manager login SERVER")
    params = given(
        server=server,
        provider=arguments.provider,
        method=arguments.method,
        redirect=arguments.redirect,
        client_id=arguments.client_id,
        client_secret=secret,
        scopes=arguments.scope,
        account=again.id if again else None,
    )
    return client.call("sign_in.begin", params, _PREPARING)


def _finished(
    client: Client, sign_in: str, begun: dict[str, object], arguments: Namespace
) -> dict[str, object]:
    if arguments.json:
        say_json(begun)
    else:
        _explain(begun)
    url = begun.get("authorization_url")
    openable = isinstance(url, str) and not arguments.no_browser
    return awaited(
        client,
        sign_in,
        pasting=begun.get("redirect") == "paste" or on_terminal(),
        meanwhile=(lambda: _open(str(url))) if openable else None,
    )


def _client_secret() -> str:
    """Never through the argument list, which every user of the machine can read."""
    secret = typed_secret("Client secret: ") if on_terminal() else line_of_pipe()
    if not secret:
        raise InvalidRequest("No client secret was given.", hint="Write it into the pipe.")
    return secret


def _explain(begun: dict[str, object]) -> None:
    server = begun.get("server")
    name = server.get("name") or server.get("url") if isinstance(server, dict) else "the server"
    if begun.get("user_code"):
        address = begun.get("verification_uri")
        say(f"To sign in to {shown(name)}, open {shown(address)} and enter this code:")
        say(f"  {shown(begun['user_code'])}")
    else:
        say(f"To sign in to {shown(name)}, open this address in your browser:")
        say(f"  {shown(begun.get('authorization_url', ''))}")
    if begun.get("redirect") == "paste" or on_terminal():
        say("If the browser ends at an address that it cannot open, paste that address here.")
    say("Waiting for the browser. Ctrl-C cancels.")
    sys.stdout.flush()


def _open(url: str) -> None:
    """Through the system's own check: a server must not make a command or a file of it."""
    from manager.system.browser import NotOpened, open_in_browser  # noqa: PLC0415

    try:
        outcome = open_in_browser(url)
    except Exception:  # noqa: BLE001  # its errors are the agent's, which no front door imports
        notice("The server's address is not one that a browser may open. Do not open it yourself.")
        return
    if isinstance(outcome, NotOpened):
        notice(f"{outcome.message} {outcome.hint}")
