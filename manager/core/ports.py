"""Every door to the world that the use cases need, in one list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .account import Account, Defaults
from .credential import Credential
from .moment import Moment
from .provider import LoopbackRedirect
from .secret import Secret


class Clock(Protocol):
    """Time, and waiting for it."""

    def now(self) -> Moment: ...

    async def sleep(self, seconds: float) -> None:
        """Wait; may return early or late: look at `now` again."""


class Randomness(Protocol):
    def token(self, size: int = 32) -> str:
        """`size` bytes of the system's randomness as base64url text."""

    def fraction(self) -> float:
        """Evenly from [0, 1), for jitter; not for secrets."""


@dataclass(frozen=True, slots=True)
class RetiredCredential:
    """A superseded credential that is to be revoked at `due` (unix seconds)."""

    id: int
    account_id: str
    due: float


class WriteOutcome(StrEnum):
    """What became of a write that shows a revision. Only `WRITTEN` changed anything."""

    WRITTEN = "written"
    STALE = "stale"
    """The record has moved on meanwhile: its revision is not lower than the one shown."""
    GONE = "gone"
    """No such account (any more)."""


class AccountStore(Protocol):
    """Accounts at rest: open records, and credentials sealed by a key from the keychain.

    All methods may raise StorageUnavailable; those that touch a credential also KeychainLocked,
    KeychainUnavailable, KeychainDenied, KeyMissing, KeyCorrupt. None blocks the loop, none leaves a
    half-written state behind, whenever the process ends.
    """

    async def load(self) -> tuple[Sequence[Account], Defaults]:
        """All accounts, without touching the keychain."""

    async def add(self, account: Account, credential: Credential) -> None:
        """Keep a new account: key in the keychain first, then the sealed record."""

    async def replace(
        self, account: Account, credential: Credential, *, retire_at: float | None = None
    ) -> WriteOutcome:
        """Keep a new credential (and the account's open record) in one transaction; the stored
        revision must be lower. `retire_at`: also keep the superseded credential until then. Clears
        the refresh mark. Makes a new key where the old one is missing or damaged (what it sealed
        is lost then)."""

    async def update(self, account: Account) -> WriteOutcome:
        """Keep the account's open record (state, identity); the stored revision must be lower.
        Leaves the credential and its `renewal` as they are."""

    async def credential(self, account_id: str) -> Credential:
        """Unseal the stored credential."""

    async def remove(self, account_id: str) -> None:
        """Forget the account and what it was the default for: record, then key. Never fails for
        the keychain's sake: a key that cannot be deleted now is deleted once the keychain answers
        again. While retired credentials wait, they and the key stay until the last of them is
        forgotten: whoever signs out revokes and forgets them instead of waiting until they are
        due."""

    async def set_defaults(self, defaults: Defaults) -> None: ...

    async def mark_refresh(self, account_id: str) -> None:
        """Note durably that the stored refresh token is about to be sent. Before anything is
        spent it also makes sure that the answer can be stored: the key is at hand and stays so
        until the mark is cleared, and there is room on the disk. Raises what `credential` does."""

    async def refresh_marked(self, account_id: str) -> bool:
        """Whether a sent refresh token was never followed by a stored answer."""

    async def clear_refresh_mark(self, account_id: str) -> None: ...

    async def retired(self) -> Sequence[RetiredCredential]: ...

    async def retired_credential(self, retired_id: int) -> Credential: ...

    async def forget_retired(self, retired_id: int) -> None:
        """Forget it; with the last one of a removed account goes the account's key."""

    def forget_keys(self) -> None:
        """Drop the keys from memory (the person locked the program); they are read from the
        keychain again when needed. The key of a marked refresh stays until its answer is stored."""

    async def close(self) -> None: ...


class LoopbackListener(Protocol):
    @property
    def redirect_uri(self) -> str: ...

    async def close(self) -> None: ...


class LoopbackListeners(Protocol):
    async def open(
        self, redirect: LoopbackRedirect, on_callback: Callable[[str], Awaitable[bool]]
    ) -> LoopbackListener:
        """Listen for the browser; `on_callback` gets the whole URI and says whether it ended the
        sign-in. Raises RedirectUnavailable."""


class KeychainControl(Protocol):
    """What the person may ask of the keychain as a whole."""

    async def status(self) -> str:
        """`available`, `locked` or `unavailable`; never prompts, answers within 5 s."""

    @property
    def vault(self) -> str:
        """What keeps the keys: `system` (the keychain of the session) or `file`."""

    @property
    def made(self) -> bool:
        """Whether it is there at all: a file vault is made with its first passphrase."""

    async def unlock(self, passphrase: Secret | None = None, *, make: bool = False) -> None:
        """The system's may prompt the person; a file vault takes its passphrase, and `make` lets
        it be made where there is none. Raises PassphraseRefused, KeychainLocked, KeychainDenied,
        KeychainUnavailable, InvalidRequest (a passphrase for the system's)."""

    async def change_passphrase(self, old: Secret, new: Secret) -> None:
        """Of a file vault. Raises what `unlock` does."""


class ForeignKeychain(Protocol):
    async def read_foreign(self, service: str, username: str) -> Secret | None:
        """What another program keeps there, None without such an item; never prompts. Raises
        KeychainLocked, KeychainUnavailable, KeychainDenied."""
