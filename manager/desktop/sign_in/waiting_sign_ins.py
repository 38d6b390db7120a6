"""The sign-ins that wait for the person, whoever began them; several may at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from manager.desktop.account import Account, read_account
from manager.desktop.gateway import Gateway, GatewayError

from .pending import read_pending
from .steps import FillIn, Pending, Waiting


class WaitingSignIns:
    """Keeps no secret that was typed."""

    def __init__(
        self,
        gateway: Gateway,
        changed: Callable[[tuple[Pending, ...]], None],
        now: Callable[[], float],
    ) -> None:
        """`changed`: told of all of them when one comes or goes. `now`: unix seconds."""
        self._gateway = gateway
        self._changed = changed
        self._now = now
        self._watched: set[str] = set()
        self._by_id: dict[str, Pending] = {}

    def get(self, sign_in: str) -> Pending | None:
        return self._by_id.get(sign_in)

    def but(self, shown: str | None) -> tuple[Pending, ...]:
        """All others than the one that is shown."""
        return tuple(one for one in self._by_id.values() if one.sign_in != shown)

    def add(self, step: Pending) -> None:
        self._by_id[step.sign_in] = _kept(step)
        self._tell()

    def update(self, step: Pending) -> None:
        """Another state of one that still waits; nothing where it does not."""
        if step.sign_in in self._by_id:
            self._by_id[step.sign_in] = _kept(step)

    def opened(self, sign_in: str, opened: bool) -> Waiting | None:
        """Whether a browser opened for it; its new state, or None where nothing is new."""
        current = self._by_id.get(sign_in)
        if not isinstance(current, Waiting) or current.browser_opened is opened:
            return None
        after = self._by_id[sign_in] = replace(current, browser_opened=opened)
        return after

    def forget(self, sign_in: str) -> Pending | None:
        """What it was; None where it is known no more."""
        before = self._by_id.pop(sign_in, None)
        if before is not None:
            self._tell()
        return before

    async def outcome(self, sign_in: str) -> Account | None:
        """The account, once the sign-in ended well; None at once where somebody else awaits it
        here. Raises GatewayError when it ended otherwise."""
        if sign_in in self._watched:
            return None
        self._watched.add(sign_in)
        left = max(5.0, self._by_id[sign_in].expires_at - self._now() + 5)
        try:
            answer = await self._gateway.call("sign_in.wait", {"sign_in": sign_in}, left)
            return read_account(answer["account"])
        finally:
            self._watched.discard(sign_in)

    async def abandon(self, sign_in: str) -> None:
        """Nobody waits for it any more."""
        try:
            await self._gateway.call("sign_in.cancel", {"sign_in": sign_in})
        except GatewayError:
            return  # it ends by itself when its time is over

    async def read(self) -> bool:
        """Learn of those that somebody else began, on the command line for one. False where the
        agent did not say."""
        try:
            answer = await self._gateway.call("sign_in.list")
        except GatewayError:
            return False
        listed = {str(one["sign_in"]): read_pending(one) for one in answer.get("sign_ins", ())}
        for gone in set(self._by_id) - set(listed) - self._watched:
            self._by_id.pop(gone)
        for sign_in, step in listed.items():
            ours = self._by_id.setdefault(sign_in, step)
            if _asks_for_something_else(ours, step):
                self._by_id[sign_in] = replace(step, account=ours.account)
        self._tell()
        return True

    def _tell(self) -> None:
        self._changed(tuple(self._by_id.values()))


def _kept(step: Pending) -> Pending:
    return step.without_secrets() if isinstance(step, FillIn) else step


def _asks_for_something_else(ours: Pending, listed: Pending) -> bool:
    """Another program answered its form, and the server wants a second factor."""
    if not isinstance(ours, FillIn) or not isinstance(listed, FillIn) or ours.busy:
        return False
    return ours.form != listed.form
