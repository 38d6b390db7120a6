"""The demo without a display: the main job from sign-in to sign-out, told as it happens.

Everything is real but the person: the agent, the keychain, the sockets, the loopback redirects. A
scripted person fills in the practice servers' pages. What is said of the servers is checked first.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from manager.client import Account, AccountManagerError, Client
from manager.client.errors import KeychainLocked, KeychainUnavailable, RedirectUnavailable
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.person import LostOnTheWay, Person
from manager.practice.speckle_server import SpeckleServer

from .narration import NotAsExpected, headline, hold, quote, say, tell_that
from .stage import OFFICE, SPECKLE, Stage

_LIFETIME = 5
"""Seconds that a token of the office lives: long enough to be used, short enough to be awaited."""
_RENEWAL = 20.0
_SIGN_IN = 60.0
_CONNECTOR = "manager.practice.sample_connector"


def tell(stage: Stage) -> None:
    """Raises AccountManagerError, NotAsExpected."""
    say("Account Manager demo: two practice servers on this machine, and accounts, settings and")
    say("sockets of its own. Your own accounts are not touched.")
    say("There is no browser here, so the demo fills in the practice pages for you, as Alice.")
    stage.office.change_faults(lifetime=_LIFETIME)
    with stage.client() as client, stage.connector() as connector:
        _require_keychain(client)
        office = _sign_in(client, 1, OFFICE, stage.office)
        speckle = _sign_in(client, 2, SPECKLE, stage.speckle)
        _list(connector)
        _use(stage)
        _renew(stage, connector, office)
        _sign_out(client, connector, (office, stage.office), (speckle, stage.speckle))
    say("")
    say("All of it worked. Nothing of the demo is left: no account, no keychain item, no process.")


def _require_keychain(client: Client) -> None:
    match client.call("agent.status").get("keychain"):
        case "unavailable":
            raise KeychainUnavailable(
                "No keychain answers in this session, so no account could be kept.",
                hint="Start a private one for the demo: sh packaging/try.sh\n"
                "Or install one: sudo apt-get install gnome-keyring dbus-user-session",
            )
        case "locked":
            raise KeychainLocked(
                "The keychain of this session is locked.",
                hint="Unlock it (account-manager unlock), then start the demo again.",
            )


def _sign_in(
    client: Client, number: int, name: str, server: AuthorizationServer | SpeckleServer
) -> Account:
    headline(f"{number}. Sign in at {name} ({server.url})")
    begun, pasting = _begun(client, server.url)
    person = Person("alice")
    end = _through_the_pages(person, str(begun["authorization_url"]))
    place = end.partition("?")[0]
    if pasting:
        answer = client.call("sign_in.complete", {"uri": end}, _SIGN_IN)
        tell_that(
            "The port that Speckle sends the browser to is taken by another program here, so the "
            "browser's last address was pasted instead, as a person would do it."
        )
    else:
        waiting = _Waiting(client, str(begun["sign_in"]))
        page = person.read(end)
        answer = waiting.answer()
        hold("<html" in page.lower(), "The browser was left without a page at the end.")
        tell_that(f"Alice allowed it in the browser, which came back to {place}")
    fields = answer.get("account")
    hold(isinstance(fields, dict), "The sign-in ended without an account.")
    account = Account.from_wire(fields if isinstance(fields, dict) else {})
    hold(not account.needs_attention, "The new account is not signed in.")
    tell_that(f"Signed in as {account.identity}. The keychain holds the account's key.")
    return account


def _begun(client: Client, url: str) -> tuple[dict[str, object], bool]:
    """What waits for the browser, and whether its answer must be pasted back."""
    try:
        return client.call("sign_in.begin", {"server": url, "redirect": "loopback"}), False
    except RedirectUnavailable:
        return client.call("sign_in.begin", {"server": url, "redirect": "paste"}), True


def _through_the_pages(person: Person, url: str) -> str:
    try:
        return person.visit(url)
    except (LostOnTheWay, OSError) as lost:
        raise NotAsExpected(f"The practice pages led nowhere ({type(lost).__name__}).") from None


class _Waiting:
    """`sign_in.wait` beside the browser, as the window and the command line wait."""

    def __init__(self, client: Client, sign_in: str) -> None:
        self._answer: dict[str, object] = {}
        self._error: AccountManagerError | None = None
        self._thread = threading.Thread(target=self._wait, args=(client, sign_in), daemon=True)
        self._thread.start()

    def _wait(self, client: Client, sign_in: str) -> None:
        try:
            self._answer = client.call("sign_in.wait", {"sign_in": sign_in}, _SIGN_IN)
        except AccountManagerError as error:
            self._error = error

    def answer(self) -> dict[str, object]:
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answer


def _list(connector: Client) -> None:
    headline("3. The accounts, as every program of yours may see them")
    for account in connector.accounts():
        quote(f"{account.identity:20} {account.server_name:17} {account.server_url}")


def _use(stage: Stage) -> None:
    headline("4. A program uses them: the sample connector asks for tokens and calls the servers")
    _run_connector(stage)


def _run_connector(stage: Stage, *arguments: str) -> None:
    status, said = stage.run(*arguments, module=_CONNECTOR)
    quote(said)
    hold(status == 0, "The sample connector's tokens were not accepted.")


def _renew(stage: Stage, connector: Client, account: Account) -> None:
    headline(f"5. A token ends: {OFFICE} gives them {_LIFETIME} seconds")
    office = stage.office
    before = connector.token(account.id, min_valid=0).access_token
    renewals = office.token_requests("refresh_token")
    began = time.monotonic()
    _until(lambda: office.token_requests("refresh_token") > renewals, "No token was renewed.")
    took = time.monotonic() - began
    _until(lambda: connector.token(account.id).access_token != before, "The old token is served.")
    hold(office.reuse_detected == 0, "A refresh token was used twice.")
    tell_that(f"Renewed in the background after {took:.1f} s: no program asked, nobody waited.")
    tell_that("The refresh token was replaced as well, and none was used twice.")
    _run_connector(stage, "--server", office.url)


def _sign_out(
    client: Client,
    connector: Client,
    *accounts: tuple[Account, AuthorizationServer | SpeckleServer],
) -> None:
    headline("6. Sign out")
    for account, server in accounts:
        token = connector.token(account.id).access_token
        hold(server.accepts(token), f"{account.server_name} refuses a token before its time.")
        answer = client.call("accounts.remove", {"account": account.id}, _SIGN_IN)
        hold(answer.get("revoked") is True, f"{account.server_name} was not told.")
        hold(not server.accepts(token), f"{account.server_name} still accepts the token.")
        tell_that(
            f"{account.identity} at {account.server_name}: revoked. The server refuses the token "
            "that it accepted a moment ago."
        )
    hold(connector.accounts() == [], "An account is left.")


def _until(happened: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _RENEWAL
    while not happened():
        hold(time.monotonic() < deadline, otherwise)
        time.sleep(0.05)
