"""A program of Speckle's users in specklepy's own environment, all of whose answers are printed.

Started with `python -I`; reads one JSON object a line from stdin, prints one JSON object each, and
ends when stdin does.
"""

from __future__ import annotations

import json
import sys
import warnings

from gql.transport.exceptions import TransportServerError
from specklepy.api import credentials as from_file
from specklepy.api.client import SpeckleClient
from specklepy.logging.exceptions import SpeckleException, SpeckleWarning

from manager.integrations import specklepy as from_socket


def shown(account):
    """Whatever specklepy knows of an account, as it would write it down."""
    return None if account is None else json.loads(account.model_dump_json(by_alias=True))


def client_of(account) -> SpeckleClient:
    url = account.serverInfo.url
    return SpeckleClient(host=url, use_ssl=url.startswith("https:"))


def used(account):
    """Authenticate with it, and do two real calls."""
    client = client_of(account)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpeckleWarning)  # how specklepy says that a token is bad
        client.authenticate_with_account(account)
    user, server = client.active_user.get(), client.server.get()
    return {"user": user.email, "id": user.id, "server": server.name, "version": server.version}


def used_or_renewed(account):
    """As a program does that has been running since before the token was ended."""
    client = client_of(account)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpeckleWarning)
        client.authenticate_with_account(account)
    try:
        return {"user": client.active_user.get().email, "renewed": False}
    except SpeckleException as refused:
        error = refused.exception
        if not isinstance(error, TransportServerError) or error.code != 403:
            raise
    return {**used(from_socket.renewed(account)), "renewed": True}


HELD = {}


def answer(asked):
    """`source`: of which module the functions are; `do`: which."""
    module = from_socket if asked["source"] == "socket" else from_file
    do = asked["do"]
    if do == "list":
        return [shown(each) for each in module.get_local_accounts()]
    if do == "default":
        return shown(module.get_default_account())
    if do == "token":
        return shown(module.get_account_from_token(asked["token"], asked.get("server")))
    if do == "server":
        return [shown(each) for each in module.get_accounts_for_server(asked["host"])]
    if do == "use":
        return used(module.get_default_account())
    if do == "hold":
        HELD["account"] = module.get_default_account()
        return True
    if do == "again":
        return used_or_renewed(HELD["account"])
    raise AssertionError(do)


def main():
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"done": answer(json.loads(line))}) + "\n")
        sys.stdout.flush()


main()
