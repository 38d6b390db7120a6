"""The only door to keyring, secretstorage and jeepney. All three are imported late.

The backend class is chosen here: `get_keyring` would read keyringrc.cfg (which runs code) and the
environment, and falls to plain text where keyrings.alt is installed. KEYRING_PROPERTY_* is not
read either. Every foreign exception is translated here; none of their text travels on.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from manager.core.errors import (
    KeychainDenied,
    KeychainLocked,
    KeychainUnavailable,
    KeyCorrupt,
)

from .keychain_access import PATIENCE, Keychain, KeychainDoor

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection
    from keyring.backend import KeyringBackend
    from secretstorage import Collection

SERVICE = "io.github.account_manager"
_IS_LOCKED = "org.freedesktop.Secret.Error.IsLocked"
_ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied"
_NO_COLLECTION_HINT = "Unlock the keychain in Account Manager; it then asks for a new password."


def system_keychain(platform: str = sys.platform, *, deadline: float = 5.0) -> Keychain:
    """The keychain of this desktop session. `deadline`: seconds that any answer may take."""
    if platform in {"darwin", "win32"}:
        return Keychain(PlatformStore(platform), deadline=deadline)
    return Keychain(SecretService(deadline=deadline * 0.9), deadline=deadline)


class SecretService(KeychainDoor):
    """The freedesktop.org Secret Service, through keyring's backend with its prompts taken out.

    keyring unlocks what it finds locked, which opens a prompt and blocks for ever; here a locked or
    absent default collection is an answer, found over the bus within milliseconds. The collection
    is looked at again within the call, so that it cannot lock between probe and use.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ, *, deadline: float = 4.5) -> None:
        self._environ = environ
        self._deadline = deadline

    def read(self, account_id: str) -> str | None:
        with _translated():
            try:
                text: str | None = self._backend().get_password(SERVICE, account_id)
            except ValueError:  # not UTF-8, or wrongly padded
                raise KeyCorrupt("The keychain's item of this account is damaged.") from None
            return text

    def read_foreign(self, service: str, username: str) -> str | None:
        with _translated():
            try:
                text: str | None = self._backend().get_password(service, username)
            except ValueError:
                raise KeyCorrupt("That item of the keychain is damaged.") from None
            return text

    def write(self, account_id: str, text: str) -> None:
        with _translated():
            self._backend().set_password(SERVICE, account_id, text)

    def delete(self, account_id: str) -> None:
        from keyring.errors import PasswordDeleteError

        with _translated(), contextlib.suppress(PasswordDeleteError):  # "No such password!"
            self._backend().delete_password(SERVICE, account_id)

    def probe(self) -> None:
        with _translated(), self._connection(self._deadline) as connection:
            _open_collection(connection)

    def unlock(self) -> None:
        import secretstorage

        with _translated(), self._connection(PATIENCE) as connection:
            try:
                collection = secretstorage.get_collection_by_alias(connection, "default")
            except secretstorage.ItemNotFoundException:
                secretstorage.create_collection(connection, "Login", "default")
                return
            if collection.is_locked() and collection.unlock():
                raise KeychainDenied("The keychain's prompt was dismissed.")
            if collection.is_locked():
                raise KeychainDenied("The keychain stays locked.")

    def _backend(self) -> KeyringBackend:
        backend: KeyringBackend = _unprompting_backend()(lambda: self._connect(self._deadline))
        return backend

    @contextlib.contextmanager
    def _connection(self, deadline: float) -> Iterator[DBusConnection]:
        with contextlib.closing(self._connect(deadline)) as connection:
            yield connection

    def _connect(self, deadline: float) -> DBusConnection:
        from jeepney.bus import get_connectable_addresses
        from jeepney.io.blocking import prep_socket
        from secretstorage.util import add_match_rules

        try:
            socket = prep_socket(next(get_connectable_addresses(self._bus_address())))
        except (OSError, ValueError, KeyError, RuntimeError):
            raise KeychainUnavailable("There is no session bus to reach a keychain on.") from None
        try:
            connection: DBusConnection = _bounded_connection()(socket, deadline)
            add_match_rules(connection)
        except BaseException:
            socket.close()
            raise
        return connection

    def _bus_address(self) -> str:
        """Programs that the system starts may lack the variable; systemd's bus has its place."""
        named = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
        if named:
            return named
        return f"unix:path={self._environ['XDG_RUNTIME_DIR']}/bus"


class PlatformStore(KeychainDoor):
    """macOS keychain and Windows credential manager. Not run on this project's machines yet.

    Neither can be probed without a prompt; the worker's deadline answers while one is open.
    """

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def read(self, account_id: str) -> str | None:
        with _translated():
            text: str | None = self._backend().get_password(self._service(account_id), account_id)
            return text

    def read_foreign(self, service: str, username: str) -> str | None:
        with _translated():
            text: str | None = self._backend().get_password(service, username)
            return text

    def write(self, account_id: str, text: str) -> None:
        with _translated():
            self._backend().set_password(self._service(account_id), account_id, text)

    def delete(self, account_id: str) -> None:
        if self.read(account_id) is not None:
            with _translated():
                self._backend().delete_password(self._service(account_id), account_id)

    def probe(self) -> None:
        with _translated():
            self._backend()

    def unlock(self) -> None:
        """Both open with the person's session and prompt by themselves."""

    def _service(self, account_id: str) -> str:
        """Credential manager knows one user a service: keyring moves items about for a second."""
        return f"{SERVICE}/{account_id}" if self._platform == "win32" else SERVICE

    def _backend(self) -> KeyringBackend:
        backend: Any
        if self._platform == "darwin":
            from keyring.backends import macOS

            backend = macOS.Keyring.__new__(macOS.Keyring)  # its __init__ reads the environment
            backend.keychain = None
        else:
            from keyring.backends import Windows

            backend = Windows.WinVaultKeyring.__new__(Windows.WinVaultKeyring)
            backend.persist = "local machine"
        return backend  # type: ignore[no-any-return]


@functools.cache
def _unprompting_backend() -> Any:
    from keyring.backends.SecretService import Keyring

    class UnpromptingKeyring(Keyring):
        def __init__(self, connect: Any) -> None:  # the inherited one reads the environment
            self._connect = connect

        def get_preferred_collection(self) -> Collection:
            connection = self._connect()
            try:
                return _open_collection(connection)
            except BaseException:
                connection.close()
                raise

        def unlock(self, item: Any) -> None:
            if item.is_locked():
                raise KeychainLocked("The keychain is locked.")

    return UnpromptingKeyring


@functools.cache
def _bounded_connection() -> Any:
    from jeepney.io import blocking

    class BoundedConnection(blocking.DBusConnection):
        """Every wait ends, also those of secretstorage, which names no timeout."""

        def __init__(self, socket: Any, deadline: float) -> None:
            self._until = blocking.timeout_to_deadline(deadline)
            super().__init__(socket)

        def receive(self, *, timeout: float | None = None) -> Any:
            left = blocking.deadline_to_timeout(self._until)
            return super().receive(timeout=left if timeout is None else min(left, timeout))

    return BoundedConnection


def _open_collection(connection: DBusConnection) -> Collection:
    """The default collection, if it is there and open. Never prompts."""
    import secretstorage

    try:
        collection = secretstorage.get_collection_by_alias(connection, "default")
    except secretstorage.ItemNotFoundException:
        raise KeychainLocked(
            "The keychain has no default collection yet.", hint=_NO_COLLECTION_HINT
        ) from None
    if collection.is_locked():
        raise KeychainLocked("The keychain is locked.")
    return collection


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Foreign exceptions as ours. Only a search that ran means "missing", never an exception."""
    from keyring.errors import KeyringError, KeyringLocked

    try:
        yield
    except KeyringLocked:  # also what keyring makes of macOS' "denied"
        raise KeychainDenied("The keychain refused the access.") from None
    except (KeyringError, OSError):
        raise KeychainUnavailable("The keychain does not answer.") from None
    except Exception as error:
        ours = _from_secret_service(error)
        if ours is None:
            raise
        raise ours from None


def _from_secret_service(
    error: Exception,
) -> KeychainLocked | KeychainDenied | KeychainUnavailable | None:
    if "secretstorage" not in sys.modules:
        return None
    from jeepney import DBusErrorResponse
    from secretstorage import exceptions

    name = error.name if isinstance(error, DBusErrorResponse) else None
    if isinstance(error, exceptions.LockedException) or name == _IS_LOCKED:
        return KeychainLocked("The keychain is locked.")
    if isinstance(error, exceptions.PromptDismissedException):
        return KeychainDenied("The keychain's prompt was dismissed.")
    if name == _ACCESS_DENIED:
        return KeychainDenied("The keychain refused the access.")
    if isinstance(error, exceptions.SecretStorageException | DBusErrorResponse):
        return KeychainUnavailable("No keychain answers in this session.")
    return None
