"""account-manager login: sign in, in the browser, with a code on another device, or by typing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from manager.cli import browser_prompt, device_prompt
from manager.cli.form_prompt import filled_in, given_fields
from manager.cli.output import say, say_json, shown
from manager.cli.sign_in_choice import SignInChoice
from manager.cli.sign_in_request import begin
from manager.cli.sign_in_wait import awaited
from manager.cli.terminal_input import line_of_pipe, on_terminal, typed_secret
from manager.client import Account, Client
from manager.client.errors import AccountManagerError, InvalidRequest

SUMMARY = "sign in to a server"
EXAMPLES = """\
account-manager login https://app.speckle.systems
account-manager login https://id.example --client-id my-app --scope openid --scope email
account-manager login https://id.example --method device                  (over ssh)
account-manager login https://id.example --redirect paste --no-browser
account-manager login https://api.example --method form --field email=alice@example.com
account-manager login --provider mesh                 (where its variables say)
account-manager login --account alice@example.com                         (sign in again)"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("server", nargs="?", metavar="SERVER", help="the server's address")
    parser.add_argument("--provider", metavar="KIND", help="the kind of server: oidc, speckle...")
    parser.add_argument("--dialect", metavar="NAME", help="the protocol, where there are several")
    parser.add_argument("--client-id", metavar="ID", help="as registered at the server")
    parser.add_argument(
        "--client-secret-stdin",
        action="store_true",
        help="ask for the client secret, or read it as the first line of a pipe",
    )
    parser.add_argument(
        "--method",
        choices=("browser", "device", "form"),
        help="how to sign in: in the browser, with a code on another device, or by typing; "
        "without it, what fits the server and the place where you are",
    )
    parser.add_argument(
        "--redirect",
        choices=("scheme", "loopback", "paste"),
        help="how the browser's answer comes back",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the link")
    parser.add_argument("--form", metavar="ID", help="which form, where the server has several")
    parser.add_argument(
        "--field",
        action="append",
        metavar="NAME=VALUE",
        help="fill in a field of the form that is no secret (may be given repeatedly)",
    )
    parser.add_argument(
        "--scope", action="append", metavar="SCOPE", help="ask for it (may be given repeatedly)"
    )
    parser.add_argument("--account", metavar="ACCOUNT", help="sign in again as this account")


def run(arguments: Namespace) -> int:
    fields = given_fields(arguments.field)
    if (fields or arguments.form) and arguments.method in {"browser", "device"}:
        raise InvalidRequest("--form and --field are for --method form.")
    secret = _client_secret() if arguments.client_secret_stdin else None
    with Client(control=True, name="account-manager") as client:
        begun, way = begin(client, arguments, secret)
        sign_in = str(begun.get("sign_in", ""))
        try:
            account = _finished(client, sign_in, begun, way, fields, as_json=arguments.json)
        except KeyboardInterrupt:
            client.call("sign_in.cancel", {"sign_in": sign_in})
            raise
        except AccountManagerError:
            _give_up(client, sign_in)
            raise
    if arguments.json:
        say_json(account)
    else:
        signed_in = Account.from_wire(account)
        say(f"Signed in as {shown(signed_in.identity)} at {shown(signed_in.server_url)}.")
    return 0


def _finished(
    client: Client,
    sign_in: str,
    begun: dict[str, object],
    way: SignInChoice,
    fields: Mapping[str, str],
    *,
    as_json: bool,
) -> dict[str, object]:
    if as_json:
        say_json(begun)
    form, method = begun.get("form"), begun.get("method")
    if isinstance(form, dict):
        return filled_in(client, sign_in, form, fields)
    if method == "device":
        if not as_json:
            device_prompt.explain(begun, _name(begun))
        tick = None if as_json else device_prompt.countdown(begun)
        return awaited(client, sign_in, pasting=False, every_second=tick)
    if not as_json:
        browser_prompt.explain(begun, _name(begun))
    url = begun.get("authorization_url")
    openable = isinstance(url, str) and way.opens_browser
    return awaited(
        client,
        sign_in,
        pasting=begun.get("redirect") == "paste" or on_terminal(),
        meanwhile=(lambda: browser_prompt.open_link(str(url))) if openable else None,
    )


def _give_up(client: Client, sign_in: str) -> None:
    """It may have ended already; the first error is the one to hear of."""
    try:
        client.call("sign_in.cancel", {"sign_in": sign_in})
    except AccountManagerError:
        return


def _client_secret() -> str:
    """Never through the argument list, which every user of the machine can read."""
    secret = typed_secret("Client secret: ") if on_terminal() else line_of_pipe()
    if not secret:
        raise InvalidRequest("No client secret was given.", hint="Write it into the pipe.")
    return secret


def _name(begun: Mapping[str, object]) -> str:
    server = begun.get("server")
    named = server.get("name") or server.get("url") if isinstance(server, dict) else None
    return shown(named or "the server")
