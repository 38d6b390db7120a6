"""The file vault's passphrase, asked for on a terminal or read from a descriptor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from manager.client import Client
from manager.client.errors import AccountManagerError, InvalidRequest
from manager.client.exchange import given

from .output import notice, shown
from .terminal_input import line_of, on_terminal, typed_secret

_PATIENCE = 60.0
_TRIES = 3
_AGAIN = frozenset({"credentials_refused", "invalid_request"})


def is_file_vault(status: Mapping[str, object]) -> bool:
    """`status`: the answer of `agent.status`."""
    return status.get("vault") == "file"


def opened(
    client: Client, *, made: bool, descriptor: int | None = None, changing: bool = False
) -> dict[str, object]:
    """Open the vault, make it where it is not `made`, or change its passphrase; the agent's answer.

    What was mistyped on a terminal is asked again, twice. Raises the agent's errors and
    InvalidRequest where nobody can be asked.
    """
    if changing and not made:
        raise InvalidRequest("There is no vault yet.", hint="Make it: account-manager unlock")

    def attempt() -> dict[str, object]:
        passphrase = _passphrase(descriptor, made=made)
        if not changing:
            params = given(passphrase=passphrase, make=None if made else True)
            return client.call("agent.unlock", params, _PATIENCE)
        params = given(passphrase=passphrase, new_passphrase=_new(descriptor))
        return client.call("agent.change_passphrase", params, _PATIENCE)

    return _tried(attempt) if descriptor is None else attempt()


def _tried(attempt: Callable[[], dict[str, object]]) -> dict[str, object]:
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except AccountManagerError as error:
            if error.kind not in _AGAIN or not on_terminal():
                raise
            notice(f"{shown(error.message)} {shown(error.hint)}".rstrip())
    return attempt()


def _passphrase(descriptor: int | None, *, made: bool) -> str:
    if descriptor is not None:
        return _line(descriptor)
    if not on_terminal():
        raise InvalidRequest(
            "The file vault's passphrase is asked for on a terminal, and there is none here.",
            hint="Name a descriptor to read it from: --passphrase-fd N",
        )
    if made:
        return typed_secret("Passphrase of the vault: ")
    notice("There is no vault yet; it is made now. Nobody can restore a lost passphrase.")
    return _twice()


def _new(descriptor: int | None) -> str:
    return _twice() if descriptor is None else _line(descriptor)


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
