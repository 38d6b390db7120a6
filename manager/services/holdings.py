"""The accounts at hand: by id, by server, and in the order that people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from manager.core.account import Account
from manager.core.credential import Credential
from manager.core.errors import AccountManagerError


class LastAttempt(StrEnum):
    """How the last renewal went. It never asks the person for anything."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"


@dataclass(slots=True)
class Holding:
    """One account at hand. `credential` is None until its first use. `unsaved`: a rotated
    credential that the disk has not taken yet; nobody gets its token before it is stored.
    `verify_at`: when the background asks the server next whether it still accepts the credential
    (seconds on the clock that counts suspend; None: not planned yet)."""

    account: Account
    credential: Credential | None = None
    unsaved: tuple[Account, Credential, float | None] | None = None
    last_attempt: LastAttempt | None = None
    failure: AccountManagerError | None = None
    failures: int = 0
    failed_at: float = 0.0
    forced_at: float | None = None
    jitter: float = 0.0
    verify_at: float | None = None
    verify_failures: int = 0

    @property
    def retry_after(self) -> float | None:
        return None if self.failure is None else self.failure.retry_after

    def note_failure(self, failure: AccountManagerError, boot: float) -> None:
        self.failure, self.failed_at = failure, boot
        self.failures += 1

    def note_success(self) -> None:
        self.failure, self.failures, self.last_attempt = None, 0, LastAttempt.OK


class Holdings:
    """Every question is answered without a look at all accounts: there may be thousands."""

    def __init__(self) -> None:
        self._by_id: dict[str, Holding] = {}
        self._by_server: dict[str, set[str]] = {}
        self._ordered: Sequence[Account] | None = None

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, account_id: str) -> Holding | None:
        return self._by_id.get(account_id)

    def all(self) -> Sequence[Holding]:
        return tuple(self._by_id.values())

    def at_server(self, url: str) -> Sequence[Account]:
        """The accounts that answer to this address, in order."""
        return _ordered(self._by_id[each].account for each in self._by_server.get(url, ()))

    def in_order(self) -> Sequence[Account]:
        """Every account, by server and identity; sorted again only after a change."""
        if self._ordered is None:
            self._ordered = _ordered(holding.account for holding in self._by_id.values())
        return self._ordered

    def keep(self, holding: Holding) -> None:
        account = holding.account
        self._by_id[account.id] = holding
        for url in _addresses(account):
            self._by_server.setdefault(url, set()).add(account.id)
        self._ordered = None

    def change(self, holding: Holding, account: Account) -> None:
        """Let `holding` be of `account`, which has the same id. One that was dropped meanwhile
        changes for those who still hold it and comes back to nobody else."""
        kept = self._by_id.get(account.id) is holding
        if kept:
            self.drop(account.id)
        holding.account = account
        if kept:
            self.keep(holding)

    def drop(self, account_id: str) -> None:
        holding = self._by_id.pop(account_id, None)
        if holding is None:
            return
        for url in _addresses(holding.account):
            self._by_server[url].discard(account_id)
            if not self._by_server[url]:
                del self._by_server[url]
        self._ordered = None


def _addresses(account: Account) -> set[str]:
    """Those that the account's server answers to."""
    server = account.server
    return {server.url} if server.moved_from is None else {server.url, server.moved_from}


def _ordered(accounts: Iterable[Account]) -> Sequence[Account]:
    return sorted(accounts, key=lambda each: (each.server.url, each.identity.label, each.id))
