"""Where the agent gets the vault's passphrase from when it starts: a descriptor, systemd's
credentials, or the terminal. Never from an argument or a variable, which others can read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path

from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    PassphraseRefused,
    PersonCanAct,
)
from manager.core.secret import Secret
from manager.storage.vault import FileVault

CREDENTIAL = "account-manager.passphrase"
_LARGEST = 4096
_TRIES = 3
_OPEN_HERE = """\
The vault is open, and the agent runs here until Ctrl-C. From now on programs start it by
themselves, with the vault locked: open it then with account-manager unlock."""


class NoPassphrase(PersonCanAct):
    """A place that was named for the passphrase holds none."""


def open_at_start(
    vault: FileVault,
    descriptor: int | None,
    environ: Mapping[str, str] = os.environ,
    ask: Callable[[str], str] | None = None,
) -> bool:
    """Open the vault (make it where there is none) with what is given; whether it was given.

    Without any it stays locked until `account-manager unlock`. `ask` prompts a person, None where
    none is there. Raises NoPassphrase, PassphraseRefused, InvalidRequest and the vault's errors.
    """
    given = _given(descriptor, environ)
    if given is not None:
        _open(vault, given)
        return True
    if ask is None:
        return False
    _ask_until_open(vault, ask)
    print(_OPEN_HERE)
    return True


def terminal() -> Callable[[str], str] | None:
    """How to ask the person, None without a terminal."""
    try:
        return getpass if sys.stdin is not None and sys.stdin.isatty() else None
    except ValueError:  # closed
        return None


def _given(descriptor: int | None, environ: Mapping[str, str]) -> Secret | None:
    if descriptor is not None:
        return _from_descriptor(descriptor)
    folder = environ.get("CREDENTIALS_DIRECTORY")  # systemd.exec(5), LoadCredential=
    if not folder:
        return None
    try:
        with (Path(folder) / CREDENTIAL).open("rb") as file:
            return _first_line(file.read(_LARGEST + 1), CREDENTIAL)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NoPassphrase(
            f"The credential {CREDENTIAL} cannot be read ({os.strerror(error.errno or 0)})."
        ) from None


def _from_descriptor(descriptor: int) -> Secret:
    name = f"descriptor {descriptor}"
    content = b""
    try:
        while len(content) <= _LARGEST and b"\n" not in content:
            read = os.read(descriptor, _LARGEST)
            if not read:
                break
            content += read
        if descriptor > 2:
            os.close(descriptor)
    except OSError as error:
        raise NoPassphrase(
            f"No passphrase can be read from {name} ({os.strerror(error.errno or 0)})."
        ) from None
    return _first_line(content, name)


def _first_line(content: bytes, name: str) -> Secret:
    line = content.partition(b"\n")[0].removesuffix(b"\r")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise NoPassphrase(f"The passphrase from {name} is not UTF-8.") from None
    if not text or len(content) > _LARGEST:
        raise NoPassphrase(f"There is no passphrase in {name}.")
    return Secret(text)


def _open(vault: FileVault, passphrase: Secret) -> None:
    if vault.made:
        vault.open(passphrase)
    else:
        vault.make(passphrase)


def _ask_until_open(vault: FileVault, ask: Callable[[str], str]) -> None:
    for _ in range(_TRIES - 1):
        try:
            _open(vault, _asked(vault, ask))
        except (PassphraseRefused, InvalidRequest) as failure:
            _tell(failure)
        else:
            return
    _open(vault, _asked(vault, ask))


def _asked(vault: FileVault, ask: Callable[[str], str]) -> Secret:
    if vault.made:
        return Secret(ask("Passphrase of the vault: "))
    print(f"A vault is made at {vault.path}. Nobody can restore a lost passphrase.")
    first = Secret(ask("New passphrase: "))
    if first != Secret(ask("The same again: ")):
        raise InvalidRequest("The two are not the same.")
    return first


def _tell(failure: AccountManagerError) -> None:
    print(f"{failure.message} {failure.hint}".rstrip(), file=sys.stderr)
