"""How fast a token may ask on: nothing is slowed while plenty remains, then it is spread."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.providers.magnet_ai.rate_limit import (
    LONGEST_WAIT,
    Allowance,
    allowance_of,
    pause,
    pause_after_refusal,
    seconds_to_reset,
)

WALL = 1_700_000_000.0


def headers(remaining: int, reset: object, limit: int = 100, **more: str) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(reset),
        **more,
    }


@pytest.mark.parametrize(
    ("remaining", "now", "essential", "wait"),
    [
        (100, 1000.0, False, 0.0),  # plenty
        (26, 1000.0, False, 0.0),
        (25, 1000.0, False, 2.4),  # a quarter: 60 s for 25 requests
        (25, 1001.0, False, 2.4 - 1 - 0.04),  # a second of it has passed
        (25, 1000.0, True, 0.0),  # a renewal does not wait its turn
        (1, 1058.0, False, 0.0),  # the last one, and its share of the time is over
        (0, 1000.0, False, 60.0),
        (0, 1000.0, True, 60.0),  # nothing left is nothing left
        (0, 1060.0, False, 0.0),  # the window begins anew
        (0, 2000.0, False, 0.0),
    ],
)
def test_pause(remaining, now, essential, wait):
    allowance = Allowance(100, remaining, resets_at=1060.0, last_sent=1000.0)
    assert pause(allowance, now, essential=essential) == pytest.approx(wait, abs=1e-6)


def test_nothing_known_is_no_pause():
    assert pause(None, 5.0) == 0.0


@given(limit=st.integers(1, 10_000), late=st.floats(0, 59))
def test_whoever_waits_its_turn_is_never_refused(limit, late):
    """A program that asks as fast as it may, from some moment of the window on."""
    now = 1000.0 + late
    allowance = Allowance(limit, limit, resets_at=1060.0, last_sent=now)
    for _ in range(limit + 5):
        wait = pause(allowance, now)
        now += wait
        if now >= allowance.resets_at - 1e-6:
            return
        assert allowance.remaining > 0
        allowance = allowance.taking_one(now)
    raise AssertionError("more was sent than the server allows")


@pytest.mark.parametrize(
    ("reset", "more", "seconds"),
    [
        (int(WALL) + 42, {}, 42.0),
        (int(WALL) - 42, {}, 0.0),
        (int(WALL) + 86_400, {}, 60.0),  # a clock that is wrong
        (30, {}, 30.0),  # seconds left instead of a moment
        (1640000000, {"date": "Mon, 20 Dec 2021 11:33:00 GMT"}, 20.0),
        (1640000000, {"date": "nonsense"}, 0.0),
        ("soon", {}, None),
        ("-5", {}, None),
        ("", {}, None),
        ("٤٢", {}, None),
    ],
)
def test_seconds_to_reset(reset, more, seconds):
    assert seconds_to_reset(headers(1, reset, **more), WALL) == seconds


def test_the_servers_own_clock_counts():
    ahead = datetime.fromtimestamp(WALL + 7200, UTC)
    shown = headers(1, int(WALL) + 7230, date=format_datetime(ahead, usegmt=True))
    assert seconds_to_reset(shown, WALL) == pytest.approx(30, abs=1)


def test_answers_overtake_each_other():
    first = allowance_of(headers(10, int(WALL) + 30), None, wall=WALL, boot=1000.0)
    assert first == Allowance(100, 10, 1030.0, 1000.0)
    late = allowance_of(headers(12, int(WALL) + 30), first, wall=WALL + 1, boot=1001.0)
    assert (late.remaining, late.last_sent) == (10, 1000.0)
    anew = allowance_of(headers(99, int(WALL) + 90), first, wall=WALL + 31, boot=1031.0)
    assert anew.remaining == 99


@pytest.mark.parametrize("missing", ["limit", "remaining", "reset"])
def test_half_of_the_headers_say_nothing(missing):
    shown = headers(5, int(WALL) + 9)
    del shown[f"x-ratelimit-{missing}"]
    assert allowance_of(shown, None, wall=WALL, boot=0.0) is None


def test_a_refusal_says_how_long():
    assert pause_after_refusal(headers(0, int(WALL) + 40, **{"retry-after": "7"}), WALL) == 7
    assert pause_after_refusal(headers(0, int(WALL) + 40), WALL) == 40
    assert pause_after_refusal({}, WALL) is None
    assert LONGEST_WAIT < 20  # an agent's client waits no longer for an answer
