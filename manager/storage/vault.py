"""The vault for machines without a keychain: one file, opened by the person's passphrase.

The person chooses it; it never takes the place of a keychain by itself. It is closed until the
passphrase is given, once for each run of the agent.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from manager.core.errors import KeychainLocked, KeychainUnavailable
from manager.core.secret import Secret

from .keychain_access import KeychainDoor
from .owner_only_file import read_owner_only, replace_owner_only
from .passphrase_derivation import Derivation, check_new
from .vault_content import VaultContent, decoded, new_key, sealed_content, sealed_items

FILE = "vault"
_UNLOCK = "Give its passphrase: account-manager unlock"


class FileVault(KeychainDoor):
    """`folder`: the agent's data folder. Blocking and safe to use from several threads.

    Every look is at the file itself, whose owner and mode are checked each time. Methods raise
    KeychainLocked, KeychainDenied (also PassphraseRefused), KeychainUnavailable (also VaultDamaged
    and VaultTooNew). Deriving a key takes about half a second and holds up no other method.
    """

    def __init__(self, folder: Path, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._path = folder / FILE
        self._random = random
        self._key: bytearray | None = None
        self._turn = threading.Lock()

    @property
    def path(self) -> Path:
        return self._path

    @property
    def made(self) -> bool:
        """Whether something stands at the vault's place."""
        return self._path.is_symlink() or self._path.exists()

    # What every keychain does -------------------------------------------------------------------

    def read(self, account_id: str) -> str | None:
        with self._opened() as (content, key):
            return content.items(key).get(account_id)

    def read_foreign(self, service: str, username: str) -> str | None:
        """No other program keeps anything here."""
        self.probe()
        return None

    def write(self, account_id: str, text: str) -> None:
        with self._opened() as (content, key):
            self._keep(content, key, content.items(key) | {account_id: text})

    def delete(self, account_id: str) -> None:
        with self._opened() as (content, key):
            items = content.items(key)
            if items.pop(account_id, None) is not None:
                self._keep(content, key, items)

    def probe(self) -> None:
        with self._opened() as (content, key):
            content.items(key)

    def unlock(self) -> None:
        """Nothing where it is open; a passphrase is the only way to open it."""
        self.probe()

    # The passphrase -----------------------------------------------------------------------------

    def open(self, passphrase: Secret) -> None:
        """Open it until `lock`. Raises PassphraseRefused; nothing in the file changes then.

        A vault that was made with weaker parameters gets those of today.
        """
        content = self._content()
        self._hold(content.key(content.derivation.key(passphrase)))
        if content.derivation.weaker_than(Derivation.new(self._random)):
            with contextlib.suppress(KeychainUnavailable):  # the disk is full: another time
                self._reseal(passphrase)

    def make(self, passphrase: Secret) -> None:
        """Make an empty vault where there is none, and open it. Raises InvalidRequest for a
        passphrase that is too short."""
        check_new(passphrase)
        derivation = Derivation.new(self._random)
        key_encryption_key = derivation.key(passphrase)
        with self._turn:
            if self.made:
                raise KeychainUnavailable("There is a vault already; it is left as it is.")
            key = new_key(self._random)
            content = sealed_content(derivation, key_encryption_key, key, {}, self._random)
            replace_owner_only(self._path, content.encoded())
        self._hold(key)

    def change_passphrase(self, old: Secret, new: Secret) -> None:
        """Raises PassphraseRefused, and InvalidRequest for a new one that is too short."""
        check_new(new)
        content = self._content()
        self._hold(content.key(content.derivation.key(old)))
        self._reseal(new)

    def lock(self) -> None:
        """Forget the key, as far as Python lets us."""
        self._hold(None)

    def _reseal(self, passphrase: Secret) -> None:
        """Seal the vault's key under a passphrase and fresh parameters; the items stay."""
        derivation = Derivation.new(self._random)
        key_encryption_key = derivation.key(passphrase)
        with self._opened() as (content, key):
            renewed = sealed_content(derivation, key_encryption_key, key, {}, self._random)
            renewed = replace(renewed, sealed_items=content.sealed_items)
            replace_owner_only(self._path, renewed.encoded())

    def _hold(self, key: bytearray | None) -> None:
        with self._turn:
            former, self._key = self._key, key
            if former is not None:
                former[:] = bytes(len(former))

    # The file -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _opened(self) -> Iterator[tuple[VaultContent, bytearray]]:
        with self._turn:
            content = self._content()
            if self._key is None:
                raise KeychainLocked("The vault is locked.", hint=_UNLOCK)
            yield content, self._key

    def _content(self) -> VaultContent:
        found = read_owner_only(self._path)
        if found is not None:
            return decoded(found)
        if self._key is None:
            raise KeychainLocked("There is no vault yet.", hint="Make it: account-manager unlock")
        raise KeychainUnavailable(
            f"The vault's file {self._path} is gone.", hint="Put it back; nothing was deleted."
        )

    def _keep(self, content: VaultContent, key: bytearray, items: dict[str, str]) -> None:
        sealed = sealed_items(key, items, self._random)
        replace_owner_only(self._path, replace(content, sealed_items=sealed).encoded())
