"""Accounts that the person chose to show to other programs, in those programs' own plain files.

Each kind of server writes its own (ExportsAccounts); here is decided when: on every change of such
an account, at the start of the agent (somebody may have signed out while it was stopped), and again
after a failure. One export of a kind runs at a time, and nobody waits for it to get a token.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from manager.core.account import Account, Defaults
from manager.core.account_state import SignedIn
from manager.core.credential import Credential
from manager.core.errors import (
    AccountManagerError,
    AccountNotFound,
    InvalidRequest,
    KeyCorrupt,
    KeyMissing,
    ProviderError,
    StorageUnavailable,
)
from manager.core.events import AccountRemoved, DefaultChanged, Event, SignInProgressed
from manager.core.provider_abilities import ExportedAccount, ExportsAccounts

from .accounts import AccountsService
from .event_bus import EventBus
from .provider_registry import ProviderRegistry
from .single_flight import SingleFlight

_log = logging.getLogger(__name__)
_PAUSES = (2.0, 10.0, 60.0, 600.0)
"""Seconds after the first, second... failure in a row."""


@dataclass(slots=True)
class _Shelf:
    """What one kind of server shows. `removing`: something must go, even where something else
    cannot be read at the moment. `waiting`: who wants to know how the next export ends."""

    provider_id: str
    exporter: ExportsAccounts
    stale: bool = False
    removing: bool = False
    running: bool = False
    failures: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)


class Showing:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        flights: SingleFlight[Credential],
        bus: EventBus,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._accounts = accounts
        self._flights = flights
        self._tasks = tasks
        self._shelves = {
            each.id: _Shelf(each.id, each)
            for each in providers.all()
            if isinstance(each, ExportsAccounts)
        }
        self._providers = providers
        bus.subscribe(self._on_event)

    async def start(self) -> None:
        """Bring every kind in step, also those with nothing to show: what was signed out while the
        agent was stopped goes now."""
        for pause in (*_PAUSES[:-1], None):
            try:
                await self._accounts.load()
                break
            except AccountManagerError:
                if pause is None:
                    return
                await asyncio.sleep(pause)
        for shelf in self._shelves.values():
            self._soon(shelf)

    async def set_exported(self, account_id: str, *, exported: bool) -> tuple[Account, str]:
        """Show the account to other programs, or no more, and say where that is (a sentence).

        Raises AccountNotFound, InvalidRequest (this kind has no such programs), StorageUnavailable:
        then nothing is shown; what could not be taken away is tried again.
        """
        account = self._accounts.holding(account_id).account
        shelf = self._shelves.get(account.provider)
        if shelf is None:
            name = self._providers.get(account.provider).name
            raise InvalidRequest(f"No other program reads {name} accounts from a file.")
        try:
            await self._mark(account_id, exported=exported)
        except AccountManagerError:
            if exported or self._accounts.holding(account_id).account.exported:
                raise  # else it is marked; that its key cannot be read does not matter any more
        try:
            await self._exported(shelf, removing=not exported)
        except AccountManagerError:
            if exported:
                await self._mark(account_id, exported=False)
                self._soon(shelf, removing=True)
            raise
        return self._accounts.holding(account_id).account, shelf.exporter.export_warning

    async def _mark(self, account_id: str, *, exported: bool) -> None:
        """As a flight of the account's own: a refresh under way would find another revision and
        drop the token that it just got."""

        async def mark() -> Credential:
            if exported:
                await self._accounts.credential(account_id)  # what cannot be read is not shown
            holding = self._accounts.holding(account_id)
            if holding.account.exported is not exported:
                if holding.unsaved is not None:
                    raise StorageUnavailable("The disk does not take this account's new token yet.")
                await self._accounts.learn(replace(holding.account, exported=exported))
            return await self._accounts.credential(account_id)

        await self._flights.follow(account_id, mark)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, SignInProgressed):
            return
        if isinstance(event, DefaultChanged):
            for account in self._accounts.all():
                if account.exported and account.provider in self._shelves:
                    self._soon(self._shelves[account.provider])
        elif event.account.exported and event.account.provider in self._shelves:
            removing = isinstance(event, AccountRemoved)
            self._soon(self._shelves[event.account.provider], removing=removing)

    def _soon(self, shelf: _Shelf, *, removing: bool = False) -> None:
        shelf.stale = True
        shelf.removing = shelf.removing or removing
        shelf.changed.set()
        if not shelf.running:
            shelf.running = True
            self._tasks.create_task(self._keep_in_step(shelf))

    async def _exported(self, shelf: _Shelf, *, removing: bool) -> None:
        """Until an export that began after this has ended. Raises what it raised."""
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        shelf.waiting.append(outcome)
        self._soon(shelf, removing=removing)
        await outcome

    async def _keep_in_step(self, shelf: _Shelf) -> None:
        try:
            while shelf.stale:
                shelf.stale = False
                shelf.changed.clear()
                waiting, shelf.waiting = shelf.waiting, []
                failure, is_whole = await self._attempt(shelf)
                for each in waiting:
                    _tell(each, failure)
                if failure is None and is_whole:
                    shelf.failures = 0
                    continue
                shelf.stale = True
                shelf.failures += 1
                await self._pause(shelf)
        finally:
            shelf.running = False

    async def _attempt(self, shelf: _Shelf) -> tuple[AccountManagerError | None, bool]:
        """What went wrong, and whether all that shall be shown is shown."""
        removing, shelf.removing = shelf.removing, False
        try:
            return None, await self._export(shelf, even_without_some=removing)
        except Exception as failure:  # noqa: BLE001  # a plug-in's mistake must not end the agent
            _log.warning("accounts were not shown to other programs: %s", type(failure).__name__)
            shelf.removing = shelf.removing or removing
            if isinstance(failure, AccountManagerError):
                return failure, False
            return ProviderError("The file of the other programs could not be written."), False

    async def _pause(self, shelf: _Shelf) -> None:
        """Until it is time to try again, or something changes."""
        pause = _PAUSES[min(shelf.failures, len(_PAUSES)) - 1]
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await shelf.changed.wait()

    async def _export(self, shelf: _Shelf, *, even_without_some: bool) -> bool:
        """Whether nothing had to be left out. An account that waits for its person is not shown:
        its token is dead. One whose key cannot be read now keeps all in its place, unless something
        has to go."""
        shown: list[tuple[Account, Credential]] = []
        unread: AccountManagerError | None = None
        for account in self._accounts.all():
            if account.provider != shelf.provider_id or not _is_shown(account):
                continue
            try:
                shown.append((account, await self._accounts.credential(account.id)))
            except (AccountNotFound, KeyMissing, KeyCorrupt):
                continue
            except AccountManagerError as failure:
                unread = failure
        if unread is not None and not even_without_some:
            raise unread
        chosen = default_of([account for account, _ in shown], self._accounts.defaults)
        await shelf.exporter.export(
            [
                ExportedAccount(account, credential, default=account.id == chosen)
                for account, credential in shown
            ]
        )
        return unread is None


def default_of(accounts: Sequence[Account], defaults: Defaults) -> str | None:
    """The one that programs which know a single default shall take: the person's own choice over
    all, or else the only choice for one of their servers."""
    ids = {account.id for account in accounts}
    if defaults.overall in ids:
        return defaults.overall
    chosen = {each for _, each in defaults.per_server if each in ids}
    return chosen.pop() if len(chosen) == 1 else None


def _is_shown(account: Account) -> bool:
    return account.exported and isinstance(account.state, SignedIn)


def _tell(waiting: asyncio.Future[None], failure: AccountManagerError | None) -> None:
    if waiting.done():
        return
    if failure is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(failure)
