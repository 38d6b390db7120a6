"""The accounts in memory, kept in step with the store; every change of them goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from manager.core.account import Account, Defaults
from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.credential import Credential, renewal_of
from manager.core.errors import (
    AccountManagerError,
    AccountNotFound,
    InvalidRequest,
    KeyCorrupt,
    KeyMissing,
)
from manager.core.events import (
    AccountAdded,
    AccountRemoved,
    AccountUpdated,
    AttentionRaised,
    DefaultChanged,
)
from manager.core.ports import AccountStore, WriteOutcome

from .account_choice import choose
from .event_bus import EventBus


class LastAttempt(StrEnum):
    """How the last renewal went. It never asks the person for anything."""

    OK = "ok"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"


@dataclass(slots=True)
class Holding:
    """One account at hand. `credential` is None until its first use. `unsaved`: a rotated
    credential that the disk has not taken yet; nobody gets its token before it is stored."""

    account: Account
    credential: Credential | None = None
    unsaved: tuple[Account, Credential, float | None] | None = None
    last_attempt: LastAttempt | None = None
    failure: AccountManagerError | None = None
    failures: int = 0
    failed_at: float = 0.0
    forced_at: float | None = None
    jitter: float = 0.0

    @property
    def retry_after(self) -> float | None:
        return None if self.failure is None else self.failure.retry_after

    def note_failure(self, failure: AccountManagerError, boot: float) -> None:
        self.failure, self.failed_at = failure, boot
        self.failures += 1

    def note_success(self) -> None:
        self.failure, self.failures, self.last_attempt = None, 0, LastAttempt.OK


class AccountsService:
    """Reads are answered from memory; writes reach the disk before memory and events."""

    def __init__(self, store: AccountStore, bus: EventBus) -> None:
        self._store = store
        self._bus = bus
        self._holdings: dict[str, Holding] = {}
        self._defaults = Defaults()
        self._loaded = False

    async def load(self) -> None:
        """Read all accounts once; no keychain needed. Raises StorageUnavailable."""
        if self._loaded:
            return
        accounts, defaults = await self._store.load()
        if not self._loaded:
            self._holdings = {account.id: Holding(account) for account in accounts}
            self._defaults = defaults
            self._loaded = True

    @property
    def loaded(self) -> bool:
        return self._loaded

    @property
    def defaults(self) -> Defaults:
        return self._defaults

    def all(self) -> Sequence[Account]:
        """Every account, by server and identity."""
        accounts = (holding.account for holding in self._holdings.values())
        return sorted(accounts, key=lambda a: (a.server.url, a.identity.label, a.id))

    def holdings(self) -> Sequence[Holding]:
        return tuple(self._holdings.values())

    def holding(self, account_id: str) -> Holding:
        """Raises AccountNotFound."""
        holding = self._holdings.get(account_id)
        if holding is None:
            raise AccountNotFound("This account is not signed in (any more).")
        return holding

    def choose(self, account: str | None, server: str | None) -> Account:
        """See account_choice.choose; the named account is found without a search."""
        if account is not None:
            return self.holding(account).account
        return choose(self.all(), self._defaults, account=None, server=server)

    def same_person(self, provider: str, server_url: str, subject: str) -> Account | None:
        """The account of this person at this server, None where there is none."""
        for holding in self._holdings.values():
            known = holding.account
            if (known.provider, known.server.url, known.identity.subject) == (
                provider,
                server_url,
                subject,
            ):
                return known
        return None

    async def credential(self, account_id: str) -> Credential:
        """The credential, unsealed at first use. A key that is surely missing or damaged makes
        the account need the person; any other trouble of the keychain changes nothing."""
        holding = self.holding(account_id)
        if holding.credential is None:
            try:
                credential = await self._store.credential(account_id)
            except KeyMissing:
                await self.need_attention(holding.account, AttentionReason.KEY_MISSING)
                raise
            except KeyCorrupt:
                await self.need_attention(holding.account, AttentionReason.KEY_CORRUPT)
                raise
            if holding.credential is None:
                holding.credential = credential
        return holding.credential

    async def add(self, account: Account, credential: Credential) -> Account:
        """Keep a new account; the very first one becomes the default that the window shows."""
        account = replace(account, renewal=renewal_of(credential))
        await self._store.add(account, credential)
        self._holdings[account.id] = Holding(account, credential, last_attempt=LastAttempt.OK)
        self._bus.publish(AccountAdded(account))
        if self._defaults.overall is None and len(self._holdings) == 1:
            await self.set_default(account.id, "overall")
        return account

    async def replace(
        self, account: Account, credential: Credential, *, retire_at: float | None
    ) -> Account:
        """Keep a new credential for a known account, as signed in, one revision on."""
        kept = replace(account.moved_to(SignedIn()), renewal=renewal_of(credential))
        holding = self.holding(account.id)
        outcome = await self._store.replace(kept, credential, retire_at=retire_at)
        if outcome is not WriteOutcome.WRITTEN:
            raise AccountNotFound("This account was changed or signed out meanwhile.")
        holding.account, holding.credential, holding.unsaved = kept, credential, None
        holding.note_success()
        self._bus.publish(AccountUpdated(kept))
        return kept

    async def need_attention(self, account: Account, reason: AttentionReason) -> None:
        """Only the person can go on; a late verdict on an older revision is dropped."""
        holding = self._holdings.get(account.id)
        if holding is None or holding.account.revision != account.revision:
            return
        state = AttentionNeeded(reason)
        if holding.account.state == state:
            return
        needing = account.moved_to(state)
        await self._store.update(needing)
        holding.account = needing
        self._bus.publish(AttentionRaised(needing))

    def announce(self, holding: Holding) -> None:
        """Have everybody, the scheduler too, look at this account anew."""
        self._bus.publish(AccountUpdated(holding.account))

    def note_attempt(self, holding: Holding, attempt: LastAttempt) -> None:
        """Remember how the last renewal went, and say so when that is news."""
        if holding.last_attempt is not attempt:
            holding.last_attempt = attempt
            self._bus.publish(AccountUpdated(holding.account))

    async def remove(self, account_id: str) -> Account:
        """Forget the account here; its end at the server is the caller's."""
        account = self.holding(account_id).account
        await self._store.remove(account_id)
        self._holdings.pop(account_id, None)
        if self._defaults != self._defaults.without(account_id):
            self._defaults = self._defaults.without(account_id)
            await self._store.set_defaults(self._defaults)
        self._bus.publish(AccountRemoved(account))
        return account

    async def set_default(self, account_id: str, scope: str) -> Account:
        """`scope`: `overall`, or `server` for the account's own server."""
        account = self.holding(account_id).account
        if scope == "overall":
            defaults = replace(self._defaults, overall=account_id)
        elif scope == "server":
            defaults = self._defaults.with_server(account.server.url, account_id)
        else:
            raise InvalidRequest("A default is for `server` or `overall`.")
        await self._store.set_defaults(defaults)
        self._defaults = defaults
        self._bus.publish(
            DefaultChanged(account, scope if scope == "overall" else account.server.url)
        )
        return account
