"""`events.subscribe`, and the notifications that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from manager.client.protocol.messages import CONTROL_TOPICS, TOPICS
from manager.core.account import Account
from manager.core.errors import AccountNotFound, InvalidRequest
from manager.core.events import (
    AccountAdded,
    AccountRemoved,
    AccountUpdated,
    AttentionRaised,
    DefaultChanged,
    Event,
    SignInProgressed,
)
from manager.core.ports import Clock
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.holdings import Holding

_TOPICS: dict[type, str] = {
    AccountAdded: "account.added",
    AccountUpdated: "account.updated",
    AccountRemoved: "account.removed",
    DefaultChanged: "default.changed",
    AttentionRaised: "attention.needed",
}


class EventsHandlers:
    def __init__(
        self,
        accounts: AccountsService,
        gatekeeper: Gatekeeper,
        clock: Clock,
        sessions: Callable[[], Iterable[Session]],
    ) -> None:
        self._accounts = accounts
        self._gatekeeper = gatekeeper
        self._clock = clock
        self._sessions = sessions

    def table(self) -> Mapping[str, Handler]:
        return {"events.subscribe": self.subscribe}

    def subscribe(self, session: Session, params: Any) -> dict[str, Any]:
        offered = CONTROL_TOPICS if session.control else TOPICS
        unknown = set(params.topics) - set(offered)
        if unknown:
            raise InvalidRequest(
                "There is no such topic here.", hint=f"Topics: {', '.join(offered)}."
            )
        session.topics = frozenset(params.topics)
        return {"topics": sorted(session.topics)}

    def publish(self, event: Event) -> None:
        """Tell every peer that subscribed, and may know of the account."""
        if isinstance(event, SignInProgressed):
            self._tell("sign_in.progress", _progress(event), None)
            return
        topic = _TOPICS[type(event)]
        if not any(topic in session.topics for session in self._sessions()):
            return
        params = self._about(event.account)
        if isinstance(event, DefaultChanged):
            params["for"] = event.scope
        self._tell(topic, params, event.account)

    def _tell(self, topic: str, params: dict[str, Any], account: Account | None) -> None:
        for session in self._sessions():
            if topic not in session.topics:
                continue
            if account is None or self._gatekeeper.sees(session, account):
                session.notify("event", {"topic": topic, **params})

    def _about(self, account: Account) -> dict[str, Any]:
        try:
            holding = self._accounts.holding(account.id)
        except AccountNotFound:
            holding = Holding(account)
        message = account_message(holding, self._accounts.defaults, self._clock.now())
        return {"account": message}


def _progress(event: SignInProgressed) -> dict[str, Any]:
    return {
        "sign_in": event.sign_in,
        "status": event.status,
        "message": event.message,
        "hint": event.hint,
        "account": event.account_id,
    }
