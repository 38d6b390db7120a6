"""27 clocks: what is served, and what is never served, when time misbehaves."""

from __future__ import annotations

import pytest

from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.refresh_policy import serves

HOUR, YEARS = 3600.0, 10 * 365 * 86_400.0
ISSUED = Moment(wall=1_800_000_000.0, boot=1000.0, boot_id="a")


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (3600, 3600.0),
        ("3600", 3600.0),
        (3600.5, 3600.5),
        (0, None),
        (-1, None),
        (None, None),
        ("soon", None),
        (True, None),
        ([], None),
        (float("nan"), None),
        (float("inf"), None),
        ("1e400", None),
        (10**18, 100 * 365 * 86_400.0),
        (10**400, None),
    ],
)
def test_what_expires_in_is_worth(expires_in: object, lifetime: float | None) -> None:
    assert usable_lifetime(expires_in) == lifetime


@pytest.mark.parametrize("jump", [0.0, HOUR, -HOUR, YEARS, -YEARS])
@pytest.mark.parametrize(("passed", "served"), [(10.0, True), (3599.0, True), (3601.0, False)])
def test_within_one_boot_the_wall_clock_does_not_matter(
    jump: float, passed: float, served: bool
) -> None:
    validity = Validity(ISSUED, 3600.0)
    now = Moment(ISSUED.wall + passed + jump, ISSUED.boot + passed, "a")
    assert serves(validity, now, 0.0) is served


def test_eight_hours_of_suspend_count() -> None:
    now = Moment(ISSUED.wall + 8 * HOUR, ISSUED.boot + 8 * HOUR, "a")
    assert not serves(Validity(ISSUED, 3600.0), now, 0.0)


@pytest.mark.parametrize(
    ("jump", "served"), [(60.0, True), (HOUR + 1, False), (YEARS, False), (-1.0, False)]
)
def test_across_boots_the_wall_clock_decides_and_a_clock_gone_back_is_not_believed(
    jump: float, served: bool
) -> None:
    now = Moment(ISSUED.wall + jump, 5.0, "b")
    assert serves(Validity(ISSUED, 3600.0), now, 0.0) is served


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEARS, -YEARS])
def test_an_unknown_lifetime_is_served_until_the_server_refuses(jump: float) -> None:
    now = Moment(ISSUED.wall + jump, 5.0, "b")
    validity = Validity(ISSUED, None)
    assert serves(validity, now, 60.0)
    assert validity.expires_at(now) is None


def test_expiry_is_told_on_todays_wall_clock() -> None:
    now = Moment(ISSUED.wall + 10 + HOUR, ISSUED.boot + 10, "a")
    assert Validity(ISSUED, 3600.0).expires_at(now) == int(now.wall + 3590)
