"""Who hears of past facts. Publishing never waits and never fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

from manager.core.events import Event

_log = logging.getLogger(__name__)

Subscriber = Callable[[Event], None]


class EventBus:
    """Hands every event to every subscriber, in order, at once.

    Subscribers are quick (they queue or note); one that fails is logged by type and left out of
    nothing: the others still hear.
    """

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Start to hear; call what is returned to stop."""
        self._subscribers.append(subscriber)

        def stop() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return stop

    def publish(self, event: Event) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception as failure:  # noqa: BLE001  # one deaf ear must not stop a rotation
                _log.error("a subscriber failed: %s", type(failure).__name__)
