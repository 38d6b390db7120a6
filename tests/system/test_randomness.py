"""Randomness is of the asked size and never repeats."""

from __future__ import annotations

import base64

import pytest

from manager.system.randomness import SystemRandomness


@pytest.mark.parametrize("size", [16, 32, 96])
def test_the_size_is_in_bytes(size: int) -> None:
    token = SystemRandomness().token(size)
    assert len(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))) == size


def test_no_token_comes_twice() -> None:
    randomness = SystemRandomness()
    assert len({randomness.token() for _ in range(1000)}) == 1000


def test_what_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        SystemRandomness().token(15)


def test_fractions_spread_below_one() -> None:
    fractions = [SystemRandomness().fraction() for _ in range(1000)]
    assert all(0 <= fraction < 1 for fraction in fractions)
    assert min(fractions) < 0.1 < 0.9 < max(fractions)
