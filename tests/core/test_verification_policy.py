from __future__ import annotations

import pytest

from manager.core.verification_policy import again_after, first_after, next_after


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [
        (first_after, 0, 60),
        (next_after, 3 * 3600, 5 * 3600),
        (lambda fraction: again_after(1, None, fraction), 60, 120),
        (lambda fraction: again_after(20, None, fraction), 450, 900),
        (lambda fraction: again_after(1, 7200.0, fraction), 7200, 7200),
    ],
)
def test_spread_and_bounded(seconds, least: float, most: float) -> None:
    assert least <= seconds(0.0) <= seconds(0.5) <= seconds(0.999) <= most
