"""account-manager unlock: open the keychain, which may ask for its password, or the file vault."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from manager.cli.output import notice, say, say_json, shown
from manager.cli.terminal_input import line_of, on_terminal, typed_secret
from manager.client import Client
from manager.client.errors import AccountManagerError, InvalidRequest
from manager.client.exchange import given

SUMMARY = "unlock the keychain or the file vault"
EXAMPLES = """\
account-manager unlock
account-manager unlock --change-passphrase           (of the file vault)
account-manager unlock --passphrase-fd 3 3< FILE"""
_PATIENCE = 300.0
_TRIES = 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-fd",
        metavar="N",
        type=int,
        help="read the file vault's passphrase (one line) from this descriptor",
    )
    parser.add_argument(
        "--change-passphrase",
        action="store_true",
        help="give the file vault a new passphrase (from a descriptor: the line after the old one)",
    )


def run(arguments: Namespace) -> int:
    with Client(control=True, name="account-manager") as client:
        status = client.call("agent.status")
        if status.get("vault") == "file":
            answer = _opened(client, arguments, made=status.get("vault_made") is True)
        elif arguments.change_passphrase or arguments.passphrase_fd is not None:
            raise InvalidRequest(
                "Keys are kept in the system's keychain, which asks for its password by itself.",
                hint="A passphrase is for a file vault: account-manager agent --vault=file",
            )
        else:
            answer = client.call("agent.unlock", timeout=_PATIENCE)
    if arguments.json:
        say_json(answer)
    else:
        say(f"Keychain: {shown(answer.get('keychain', ''))}")
    return 0


def _opened(client: Client, arguments: Namespace, *, made: bool) -> dict[str, object]:
    if arguments.change_passphrase and not made:
        raise InvalidRequest("There is no vault yet.", hint="Make it: account-manager unlock")

    def attempt() -> dict[str, object]:
        passphrase = _passphrase(arguments, made=made)
        if not arguments.change_passphrase:
            params = given(passphrase=passphrase, make=None if made else True)
            return client.call("agent.unlock", params, _PATIENCE)
        params = given(passphrase=passphrase, new_passphrase=_new(arguments))
        return client.call("agent.change_passphrase", params, _PATIENCE)

    return _tried(attempt) if arguments.passphrase_fd is None else attempt()


def _tried(attempt: Callable[[], dict[str, object]]) -> dict[str, object]:
    """What was mistyped on a terminal is asked again."""
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except AccountManagerError as error:
            if error.kind not in {"credentials_refused", "invalid_request"} or not on_terminal():
                raise
            notice(f"{shown(error.message)} {shown(error.hint)}".rstrip())
    return attempt()


def _passphrase(arguments: Namespace, *, made: bool) -> str:
    if arguments.passphrase_fd is not None:
        return _line(arguments.passphrase_fd)
    if not on_terminal():
        raise InvalidRequest(
            "The file vault's passphrase is asked for on a terminal, and there is none here.",
            hint="Name a descriptor to read it from: --passphrase-fd N",
        )
    if made:
        return typed_secret("Passphrase of the vault: ")
    notice("There is no vault yet; it is made now. Nobody can restore a lost passphrase.")
    return _twice()


def _new(arguments: Namespace) -> str:
    return _twice() if arguments.passphrase_fd is None else _line(arguments.passphrase_fd)


def _twice() -> str:
    first = typed_secret("New passphrase: ")
    if first != typed_secret("The same again: "):
        raise InvalidRequest("The two are not the same.")
    return first


def _line(descriptor: int) -> str:
    line = line_of(descriptor)
    if not line:
        raise InvalidRequest(f"There is no passphrase in descriptor {descriptor}.")
    return line
