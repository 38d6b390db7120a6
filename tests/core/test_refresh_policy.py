from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manager.core.account import Renewal
from manager.core.moment import Moment, Validity
from manager.core.refresh_policy import (
    LONGEST_LEAD,
    LONGEST_PAUSE,
    due_in,
    needed_validity,
    pause_after,
    pause_on_demand,
    serves,
)

ISSUED = Moment(1_800_000_000.0, 0.0, "a")
fractions = st.floats(0, 1, exclude_max=True)


def after(seconds: float) -> Moment:
    return Moment(ISSUED.wall + seconds, seconds, "a")


def test_a_token_is_served_only_while_it_lives_long_enough() -> None:
    validity = Validity(ISSUED, 5.0)
    assert serves(validity, after(0.9), 4.0)
    assert not serves(validity, after(1.1), 4.0)


def test_what_no_token_of_the_server_can_do_is_not_asked_with_every_request() -> None:
    assert needed_validity(Validity(ISSUED, 5.0), 60.0) == 2.5
    assert serves(Validity(ISSUED, 5.0), after(2.0), 60.0)


def test_it_renews_ahead_of_the_end() -> None:
    renewal = Renewal(Validity(ISSUED, 3600.0), by_itself=True)
    assert due_in(renewal, after(0), 0.0) == 3600 - LONGEST_LEAD
    assert due_in(renewal, after(0), 0.999) >= 3600 - LONGEST_LEAD * 1.5
    assert due_in(Renewal(Validity(ISSUED, 5.0), by_itself=True), after(0), 0.0) == 4.0


def test_what_cannot_be_renewed_falls_due_at_its_end() -> None:
    assert due_in(Renewal(Validity(ISSUED, 100.0)), after(40), 0.5) == 60.0


def test_a_refresh_token_may_have_its_own_day() -> None:
    renewal = Renewal(Validity(ISSUED, None), by_itself=True, renew_at=ISSUED.wall + 1000)
    assert due_in(renewal, after(400), 0.5) == 600.0


def test_what_never_ends_never_falls_due() -> None:
    assert due_in(Renewal(Validity(ISSUED, None), by_itself=True), after(10), 0.5) is None
    assert due_in(Renewal(), after(10), 0.5) is None


@given(st.floats(1, 1e9), st.floats(0, 1e9), fractions)
def test_never_due_after_the_end(lifetime: float, passed: float, fraction: float) -> None:
    due = due_in(Renewal(Validity(ISSUED, lifetime), by_itself=True), after(passed), fraction)
    assert due is not None
    assert due <= lifetime - passed


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e6), fractions)
def test_pauses_are_bounded_and_never_undercut_the_server(
    failures: int, retry_after: float | None, fraction: float
) -> None:
    pause = pause_after(failures, retry_after, fraction)
    assert 1.0 <= pause <= max(LONGEST_PAUSE, retry_after or 0.0)
    assert pause >= (retry_after or 0.0)
    assert pause_on_demand(failures, retry_after) >= (retry_after or 0.0)
    assert pause_on_demand(failures, None) <= 5.0
