"""A program that uses Account Manager, in full: read it to write your own.

    python -m manager.practice.sample_connector                  every account that it may see
    python -m manager.practice.sample_connector --server URL     those at one server
    python -m manager.practice.sample_connector --follow         and then what happens to them

It asks for tokens, calls the server with them and says who it is there. It needs `manager.client`
and the standard library, nothing else of Account Manager. Exit status: 0 the server accepted every
account, 1 it did not, or there was none.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from manager.client import Account, AccountManagerError, Client

_PATIENCE = 20
"""Seconds that a server may take."""
_TOPICS = ("account.added", "account.updated", "account.removed", "attention.needed")


class ServerSaidNo(Exception):
    """The server's answer is not the one this program needs; the sentence is for the person."""


def main(arguments: list[str] | None = None) -> int:
    """Use every account once, then follow events where that was asked for."""
    parser = argparse.ArgumentParser(prog="sample-connector", description="Use your accounts.")
    parser.add_argument("--server", metavar="URL", help="only the accounts at this server")
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--once", action="store_true", help="use each account once (the default)")
    end.add_argument("--follow", action="store_true", help="go on and print events; Ctrl-C ends it")
    wanted = parser.parse_args(arguments)
    # The name is what the person sees wherever Account Manager speaks of this program. No agent
    # has to run: the first call starts one. Nothing is opened before that.
    with Client(name="Sample connector", version="1.0") as client:
        try:
            status = use_all(client, wanted.server)
            if wanted.follow:
                follow(client)
        except AccountManagerError as error:
            return told(error)
        except KeyboardInterrupt:
            return 130
    return status


def use_all(client: Client, server: str | None) -> int:
    """Every account in turn; one that fails keeps nobody from the next."""
    accounts = client.accounts(server=server)
    if not accounts:
        say("There is no account here yet.", "Sign in: account-manager login SERVER")
        return 1
    status = 0
    for account in accounts:
        try:
            who = who_am_i(client, account)
            print(f"{account.identity} at {account.server_name}: accepted as {who}.", flush=True)
        except AccountManagerError as error:
            status = told(error)
        except ServerSaidNo as refusal:
            say(f"{account.server_name}: {refusal}", "Try again, or ask the server's operator.")
            status = 1
    return status


def who_am_i(client: Client, account: Account) -> str:
    """Ask the server who we are there, with a token that is valid for another minute at least.

    A server may refuse a token that should still be valid (somebody pressed "sign out everywhere").
    Then the connector says so once: it gets a newer token, or learns that the person has to act.
    """
    token = client.token(account.id, min_valid=60)  # never kept: ask again before the next request
    try:
        return ask(account, token.authorization)
    except urllib.error.HTTPError as refused:
        with refused:
            if refused.code not in (401, 403):
                raise ServerSaidNo(f"it answered with status {refused.code}.") from None
        token = client.refresh(account.id, token.access_token)
    try:
        return ask(account, token.authorization)
    except urllib.error.HTTPError as refused:
        with refused:
            raise ServerSaidNo(f"it refused a new token too (status {refused.code}).") from None


def ask(account: Account, authorization: str) -> str:
    """The kind of server decides what to ask. Raises HTTPError, ServerSaidNo."""
    if account.provider == "speckle":
        query = {"query": "query { activeUser { name email } }"}
        answer = fetch(f"{account.server_url}/graphql", authorization, query)
        user = (answer.get("data") or {}).get("activeUser") or {}
        return named(user.get("name"), user.get("email"))
    # OpenID Connect: the server's own metadata say where userinfo is (Discovery section 4).
    metadata = fetch(f"{account.server_url}/.well-known/openid-configuration")
    claims = fetch(str(metadata.get("userinfo_endpoint", "")), authorization)
    return named(claims.get("name"), claims.get("email"), claims.get("sub"))


def fetch(url: str, authorization: str = "", body: object = None) -> dict[str, Any]:
    """One JSON object. The token goes into the header alone, never into an address or a log."""
    here = url.startswith("http://") and urlsplit(url).hostname in ("127.0.0.1", "::1")
    if not (here or url.startswith("https://")):
        raise ServerSaidNo("it wants the token at an address that is not protected.")
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    if authorization:
        request.add_header("Authorization", authorization)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with _OPENER.open(request, timeout=_PATIENCE) as answer:
            document = json.load(answer)
    except urllib.error.HTTPError:
        raise  # an answer, and the caller's to judge
    except (OSError, ValueError):  # no answer, or not JSON: a network's own login page, for one
        raise ServerSaidNo("it could not be reached, or did not answer as it should.") from None
    if not isinstance(document, dict):
        raise ServerSaidNo("it did not answer as it should.")
    return document


class _KeepCredentialsHome(urllib.request.HTTPRedirectHandler):
    """urllib sends all headers on to wherever a redirect leads: a token must not go along."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        further = super().redirect_request(req, fp, code, msg, headers, newurl)
        if further is not None and origin(newurl) != origin(req.full_url):
            further.remove_header("Authorization")
        return further


_OPENER = urllib.request.build_opener(_KeepCredentialsHome)


def origin(url: str) -> tuple[str, str]:
    """Scheme, host and port: what a credential belongs to (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def named(*candidates: object) -> str:
    """The first two things that the server calls the person. Raises ServerSaidNo."""
    known = [each for each in candidates if isinstance(each, str) and each][:2]
    if not known:
        raise ServerSaidNo("it does not say who we are.")
    return known[0] if len(known) == 1 else f"{known[0]} ({known[1]})"


def follow(client: Client) -> None:
    """For ever: past facts as they come. After `connection.lost` the client reconnects by itself;
    what happened meanwhile is not told again, so a real program lists its accounts anew then."""
    for event in client.events(_TOPICS):
        account = event.account
        about = f": {account.identity} at {account.server_name}" if account else ""
        print(f"{event.topic}{about}", flush=True)


def told(error: AccountManagerError) -> int:
    """Every error has a sentence for the person and says what to do: show both as they are."""
    say(error.message, error.hint)
    for choice in error.choices:
        print(f"  {choice.get('identity', '')} at {choice.get('server', '')}", file=sys.stderr)
    return 1


def say(sentence: str, hint: str) -> None:
    print(f"{sentence}\n{hint}".rstrip(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
