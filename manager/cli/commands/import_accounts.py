"""account-manager import: take over accounts that other programs or variables hold."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

from manager.cli.exit_status import status_of
from manager.cli.output import notice, say, say_json, shown, table
from manager.cli.variable_source import own_variables
from manager.client import Account, Client
from manager.client.errors import AccountManagerError, AccountNotFound, InvalidRequest
from manager.client.exchange import objects

SUMMARY = "take over accounts of other programs, or of variables"
EXAMPLES = """\
account-manager import                      (list what can be taken over)
account-manager import --all
account-manager import --env-file .env --list
account-manager import --env-file .env
account-manager import --environment        (the variables of this shell)"""
_PATIENCE = 60.0
Fields = Mapping[str, object]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", nargs="*", metavar="ID", help="as the list names it")
    parser.add_argument("--all", action="store_true", help="every one that can be taken over")
    parser.add_argument("--list", action="store_true", help="only show what there is")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--env-file", metavar="PATH", help="read a .env file (-: standard input)")
    source.add_argument(
        "--environment", action="store_true", help="read the variables of this shell"
    )


def run(arguments: Namespace) -> int:
    from_variables = arguments.environment or arguments.env_file is not None
    if from_variables and (arguments.id or arguments.all):
        raise InvalidRequest(
            "Variables have no ids.", hint="account-manager import --env-file PATH"
        )
    with Client(control=True, name="account-manager") as client:
        if from_variables:
            return _from_variables(client, arguments)
        found = objects(client.call("accounts.find", {}, _PATIENCE), "found")
        if arguments.list or not (arguments.all or arguments.id):
            return _list(found, as_json=arguments.json)
        wanted = _wanted(found, arguments.id, everything=arguments.all)
        if not wanted and not arguments.json:
            say("Nothing is left to take over.")
        asked = [
            (
                f"{each['label']} at {each['server_url']}",
                {"provider": each["provider"], "found": each["id"]},
            )
            for each in wanted
        ]
        return _take(client, asked, as_json=arguments.json)


# What other programs keep -------------------------------------------------------------------------


def _list(found: Sequence[Fields], *, as_json: bool) -> int:
    if as_json:
        say_json({"found": list(found)})
    elif not found:
        say("No other program of this machine keeps an account that can be taken over.")
    else:
        rows = [tuple(shown(cell) for cell in _row(each)) for each in found]
        table(("ID", "ACCOUNT", "SERVER", "KIND", "KEPT IN", "STATE"), rows)
        if any(_is_open(each) for each in found):
            notice("Take over: account-manager import ID..., or --all")
    return 0


def _row(found: Fields) -> tuple[object, ...]:
    state = found.get("problem") or ("signed in here" if found.get("known") else "can be imported")
    return (
        found["id"],
        found["label"],
        found["server_url"],
        found["provider_name"],
        found["source"],
        state,
    )


def _is_open(found: Fields) -> bool:
    return not (found.get("problem") or found.get("known"))


def _wanted(found: Sequence[Fields], ids: Sequence[str], *, everything: bool) -> list[Fields]:
    if everything:
        return [each for each in found if _is_open(each)]
    wanted = []
    for word in ids:
        fitting = [each for each in found if word in (each["id"], each["label"])]
        if len(fitting) != 1:
            raise AccountNotFound(
                f"{'Several are' if fitting else 'Nothing is'} called {word} here.",
                hint="See the ids: account-manager import --list",
            )
        if problem := fitting[0].get("problem"):
            raise InvalidRequest(f"{fitting[0]['source']}: {problem}")
        wanted += fitting
    return wanted


# What variables hold ------------------------------------------------------------------------------


def _from_variables(client: Client, arguments: Namespace) -> int:
    known = {
        str(name)
        for provider in objects(client.call("providers.list"), "providers")
        for name in _texts(provider.get("variables"))
    }
    variables = own_variables(known, arguments.env_file, os.environ)
    where = arguments.env_file or "the environment"
    read = []
    if variables:
        read = objects(client.call("variables.read", {"variables": variables}), "providers")
    if not arguments.json:
        _explain(read, where, everything=arguments.list)
    holding = [each for each in read if each.get("holds_credential")]
    if arguments.list or not holding:
        if arguments.json:
            say_json({"providers": read})
        elif not holding:
            say(f"No credential that can be imported is in {shown(where)}.")
        return 0
    asked = [
        (
            f"the {each['provider_name']} variables of {where}",
            {"provider": each["provider"], "variables": variables},
        )
        for each in holding
    ]
    return _take(client, asked, as_json=arguments.json)


def _explain(read: Sequence[Fields], where: str, *, everything: bool) -> None:
    """As an answer, or beside one: then only what does not count, and why."""
    for provider in read:
        notes = objects(dict(provider), "notes")
        if not everything:
            for note in notes:
                if not note.get("honoured"):
                    notice(shown(f"{note.get('name')}: {note.get('text')}"))
            continue
        server = f" for {provider['server_url']}" if provider.get("server_url") else ""
        say(shown(f"{provider['provider_name']}{server}, from {where}:"))
        for note in notes:
            mark = "+" if note.get("honoured") else "-"
            say(shown(f"  {mark} {note.get('name')}: {note.get('text')}"))
        if provider.get("holds_credential"):
            say("  It holds a credential that can be imported.")


def _texts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# Both ---------------------------------------------------------------------------------------------


def _take(client: Client, asked: Sequence[tuple[str, dict[str, object]]], *, as_json: bool) -> int:
    """One after the other; one that fails keeps none from coming, and its status is ours."""
    status = 0
    accounts, failures = [], []
    before = {each.id for each in client.accounts()}
    for name, params in asked:
        try:
            taken = client.call("accounts.import", params, _PATIENCE).get("account")
        except AccountManagerError as failure:
            status = status or status_of(failure.kind)
            failures.append({"kind": failure.kind, "message": failure.message, "of": name})
            if not as_json:
                notice(shown(f"{name}: {failure.message} {failure.hint}".rstrip()))
            continue
        fields = taken if isinstance(taken, dict) else {}
        accounts.append(fields)
        if not as_json:
            account = Account.from_wire(fields)
            who = shown(f"{account.identity} at {account.server_url}")
            is_new = account.id not in before
            say(f"Took over {who}." if is_new else f"{who} is signed in here already.")
    if as_json:
        say_json({"accounts": accounts, "failures": failures})
    return status
