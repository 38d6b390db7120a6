from __future__ import annotations

import logging

import pytest

from manager.core.events import Event, SignInProgressed
from manager.services.event_bus import EventBus


def test_everybody_hears_in_order_until_they_stop() -> None:
    bus = EventBus()
    heard: list[tuple[str, Event]] = []
    stop = bus.subscribe(lambda event: heard.append(("a", event)))
    bus.subscribe(lambda event: heard.append(("b", event)))
    first, second = SignInProgressed("1", "waiting"), SignInProgressed("1", "succeeded")
    bus.publish(first)
    stop()
    stop()
    bus.publish(second)
    assert heard == [("a", first), ("b", first), ("b", second)]


def test_one_deaf_ear_stops_nothing_and_logs_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus()
    heard: list[Event] = []

    def deaf(_: Event) -> None:
        raise ValueError("canary")

    bus.subscribe(deaf)
    bus.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(SignInProgressed("1", "waiting"))
    assert len(heard) == 1
    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text
