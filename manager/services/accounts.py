"""The accounts in memory, kept in step with the store; every change of them goes through here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from manager.core.account import Account, Defaults, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason, SignedIn
from manager.core.credential import Credential, renewal_of
from manager.core.errors import (
    AccountNotFound,
    InvalidRequest,
    KeyCorrupt,
    KeyMissing,
    StorageUnavailable,
)
from manager.core.events import (
    AccountAdded,
    AccountRemoved,
    AccountUpdated,
    AttentionRaised,
    DefaultChanged,
)
from manager.core.ports import AccountStore, WriteOutcome
from manager.core.server_address import canonical

from .account_choice import choose
from .event_bus import EventBus
from .holdings import Holding, Holdings, LastAttempt

_log = logging.getLogger(__name__)


class AccountsService:
    """Reads are answered from memory; writes reach the disk before memory and events."""

    def __init__(self, store: AccountStore, bus: EventBus) -> None:
        self._store = store
        self._bus = bus
        self._holdings = Holdings()
        self._defaults = Defaults()
        self._changing_defaults = asyncio.Lock()
        self._loaded = False

    async def load(self) -> None:
        """Read all accounts once; no keychain needed. Raises StorageUnavailable."""
        if self._loaded:
            return
        accounts, defaults = await self._store.load()
        if not self._loaded:
            for account in accounts:
                self._holdings.keep(Holding(account))
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
        return self._holdings.in_order()

    def holdings(self) -> Sequence[Holding]:
        return self._holdings.all()

    def holding(self, account_id: str) -> Holding:
        """Raises AccountNotFound."""
        holding = self._holdings.get(account_id)
        if holding is None:
            raise AccountNotFound("This account is not signed in (any more).")
        return holding

    def choose(self, account: str | None, server: str | None) -> Account:
        """See account_choice.choose; among thousands of accounts it looks at the few it may be."""
        named = account
        if account is None and server is None:
            named = self._defaults.overall
        if named is not None:
            return self.holding(named).account
        there = self.all()
        if server is not None:
            there = self._holdings.at_server(canonical(server))
        return choose(there, self._defaults, account=None, server=server)

    def same_person(self, provider: str, server: Server, identity: Identity) -> Account | None:
        """The account of this person at this server by this way to sign in (a key is an account of
        its own), None where there is none."""
        for holding in self._holdings.all():
            known = holding.account
            if (
                known.provider == provider
                and _is_same(known.identity, identity)
                and (known.server.answers_to(server.url) or server.answers_to(known.server.url))
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
        self._holdings.keep(Holding(account, credential, last_attempt=LastAttempt.OK))
        self._bus.publish(AccountAdded(account))
        if self._defaults.overall is None and len(self._holdings) == 1:
            try:
                await self.set_default(account.id, "overall")
            except StorageUnavailable:  # the account stands all the same
                _log.warning("the first account is not the default: the disk refused")
        return account

    async def replace(
        self, account: Account, credential: Credential, *, retire_at: float | None
    ) -> Account:
        """Keep a new credential for a known account, as signed in, one revision on."""
        kept = replace(account.moved_to(SignedIn()), renewal=renewal_of(credential))
        holding = self.holding(account.id)
        before = holding.account.server
        outcome = await self._store.replace(kept, credential, retire_at=retire_at)
        if outcome is not WriteOutcome.WRITTEN or self._holdings.get(account.id) is not holding:
            raise AccountNotFound("This account was changed or signed out meanwhile.")
        self._holdings.change(holding, kept)
        holding.credential, holding.unsaved = credential, None
        holding.note_success()
        self._bus.publish(AccountUpdated(kept))
        await self._move_default(kept, before)
        return kept

    async def learn(self, account: Account) -> Account:
        """Keep what a server now says of an account (its name and address, who and what the person
        is), one revision on. Call it through the account's single flight only: a refresh under way
        would be dropped. Raises AccountNotFound, StorageUnavailable."""
        holding = self.holding(account.id)
        before = holding.account.server
        learnt = account.moved_to(account.state)
        outcome = await self._store.update(learnt)
        if outcome is not WriteOutcome.WRITTEN or self._holdings.get(account.id) is not holding:
            raise AccountNotFound("This account was changed or signed out meanwhile.")
        self._holdings.change(holding, learnt)
        self._bus.publish(AccountUpdated(learnt))
        await self._move_default(learnt, before)
        return learnt

    async def need_attention(self, account: Account, reason: AttentionReason) -> None:
        """Only the person can go on; a late verdict on an older revision is dropped.

        The verdict holds even where the disk does not take it: the server would only say it again.
        """
        holding = self._holdings.get(account.id)
        state = AttentionNeeded(reason)
        if holding is None or account.state == state:
            return
        needing = account.moved_to(state)
        try:
            await self._store.update(needing)
        except StorageUnavailable:
            _log.warning("that an account needs its person is not stored: the disk refused")
        still_here = self._holdings.get(account.id) is holding
        if still_here and holding.account.revision == account.revision:
            self._holdings.change(holding, needing)
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
        async with self._changing_defaults:
            account = self.holding(account_id).account
            await self._store.remove(account_id)
            self._holdings.drop(account_id)
            self._defaults = self._defaults.without(account_id)
        self._bus.publish(AccountRemoved(account))
        return account

    async def set_default(self, account_id: str, scope: str) -> Account:
        """`scope`: `overall`, or `server` for the account's own server."""
        if scope not in ("overall", "server"):
            raise InvalidRequest("A default is for `server` or `overall`.")
        async with self._changing_defaults:
            account = self.holding(account_id).account
            if scope == "overall":
                defaults = replace(self._defaults, overall=account_id)
            else:
                defaults = self._defaults.with_server(account.server.url, account_id)
            await self._store.set_defaults(defaults)
            self._defaults = defaults
        where = scope if scope == "overall" else account.server.url
        self._bus.publish(DefaultChanged(account, where))
        return account

    async def _move_default(self, account: Account, before: Server) -> None:
        """The person's choice for a server goes with it to its new address."""
        if account.server.url == before.url:
            return
        async with self._changing_defaults:
            moved = self._defaults.moved(account.id, before.url, account.server.url)
            if moved == self._defaults:
                return
            try:
                await self._store.set_defaults(moved)
            except StorageUnavailable:  # it is found by the old address all the same
                _log.warning("a default did not follow its server: the disk refused")
                return
            self._defaults = moved
        self._bus.publish(DefaultChanged(account, account.server.url))


def _is_same(known: Identity, other: Identity) -> bool:
    """A key is the same key also where its server never says whose it is."""
    if known.key != other.key:
        return False
    nameless = not (known.is_known and other.is_known)
    return known.subject == other.subject or (bool(known.key) and nameless)
