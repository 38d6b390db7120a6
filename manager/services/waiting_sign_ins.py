"""The sign-ins that wait at this moment, and how each of them ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from copy import copy
from typing import TypeVar

from manager.core.account import Account
from manager.core.errors import AccountManagerError, SignInDenied, SignInExpired, TooMany
from manager.core.events import SignInProgressed
from manager.core.ports import Clock, Randomness

from .event_bus import EventBus
from .pending_sign_in import BrowserSignIn, PendingSignIn

LIFETIME = 600.0
"""Seconds that a person has in the browser or at a form."""
AT_ONCE = 32
_LOOK_EVERY = 40.0

Pending = TypeVar("Pending", bound=PendingSignIn)


class WaitingSignIns:
    """Every sign-in ends here, once: with an account, or with what ended it otherwise."""

    def __init__(
        self, bus: EventBus, clock: Clock, randomness: Randomness, tasks: asyncio.TaskGroup
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._randomness = randomness
        self._tasks = tasks
        self._pending: dict[str, PendingSignIn] = {}
        self._ended: dict[str, asyncio.Future[Account]] = {}
        self.left = asyncio.Condition()
        """Notified whenever one has ended."""

    def require_room(self) -> None:
        """Raises TooMany."""
        if len(self._pending) >= AT_ONCE:
            raise TooMany("Too many sign-ins are waiting.", hint="Finish or cancel one of them.")

    def new_id(self) -> str:
        return self._randomness.token(16)

    def times(self, lifetime: float | None = None) -> tuple[float, int]:
        """`deadline` and `expires_at` of one that begins now."""
        now, lasts = self._clock.now(), LIFETIME if lifetime is None else lifetime
        return now.boot + lasts, int(now.wall + lasts)

    def keep(self, pending: Pending) -> Pending:
        """From now on it waits, until it is ended or its deadline has passed."""
        self._pending[pending.id] = pending
        self._tasks.create_task(self._watch(pending))
        self._bus.publish(SignInProgressed(pending.id, "waiting"))
        return pending

    def get(self, sign_in: str) -> PendingSignIn:
        """Raises SignInExpired."""
        pending = self._pending.get(sign_in)
        if pending is None:
            raise _none_such()
        return pending

    def all(self) -> Sequence[PendingSignIn]:
        return tuple(self._pending.values())

    def of(self, kind: type[Pending]) -> Sequence[Pending]:
        return tuple(each for each in self._pending.values() if isinstance(each, kind))

    async def wait(self, sign_in: str) -> Account:
        """The account, once the sign-in ended well. Raises what ended it otherwise, also to those
        who come to wait a little late."""
        pending = self._pending.get(sign_in)
        ended = pending.ended if pending is not None else self._ended.get(sign_in)
        if ended is None:
            raise _none_such()
        return await asyncio.shield(ended)

    async def cancel(self, sign_in: str) -> bool:
        """Whether there was such a sign-in to cancel."""
        pending = self._pending.get(sign_in)
        if pending is None:
            return False
        await self.end(pending, SignInDenied("The sign-in was cancelled."), status="cancelled")
        return True

    async def close(self) -> None:
        for pending in self.all():
            await self.end(pending, SignInExpired("Account Manager stopped."), status="cancelled")

    async def end(
        self,
        pending: PendingSignIn,
        outcome: Account | AccountManagerError,
        *,
        status: str = "failed",
    ) -> None:
        self._settle(pending, outcome, status)
        if isinstance(pending, BrowserSignIn) and pending.listener is not None:
            await pending.listener.close()
        async with self.left:
            self.left.notify_all()

    async def expire(self, pending: PendingSignIn) -> None:
        await self.end(
            pending, SignInExpired("The time for this sign-in is over."), status="expired"
        )

    def asks_for_more(self, pending: PendingSignIn) -> None:
        """Say that the same sign-in now waits for something else."""
        self._bus.publish(SignInProgressed(pending.id, "waiting"))

    def left_to(self, pending: PendingSignIn) -> float:
        """Seconds until its deadline, negative after it."""
        return pending.deadline - self._clock.now().boot

    async def _watch(self, pending: PendingSignIn) -> None:
        """End what nobody finished in time, so that its port and redirect URI are free again."""
        while not pending.ended.done():
            left = self.left_to(pending)
            if left <= 0 and not pending.busy:
                await self.expire(pending)
                return
            await asyncio.wait([pending.ended], timeout=max(min(left, _LOOK_EVERY), 0.2))

    def _settle(
        self, pending: PendingSignIn, outcome: Account | AccountManagerError, status: str
    ) -> None:
        self._pending.pop(pending.id, None)
        if pending.ended.done():
            return
        self._ended[pending.id] = pending.ended
        while len(self._ended) > AT_ONCE:
            del self._ended[next(iter(self._ended))]
        if isinstance(outcome, Account):
            pending.ended.set_result(outcome)
            event = SignInProgressed(pending.id, "succeeded", account_id=outcome.id)
        else:
            # A copy: the frames of the error's own traceback hold what was typed.
            pending.ended.set_exception(copy(outcome))
            pending.ended.exception()  # nobody may be waiting
            event = SignInProgressed(pending.id, status, outcome.message, outcome.hint)
        self._bus.publish(event)


def _none_such() -> SignInExpired:
    return SignInExpired("No such sign-in is waiting (any more).")
