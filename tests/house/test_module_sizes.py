"""One idea a file: no module over 400 lines, half of them at most 100."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
CEILING = 400
MEDIAN = 100
ENOUGH_FOR_A_MEDIAN = 30


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("folder", ["manager", "tests"])
def test_no_module_over_the_ceiling(folder: str) -> None:
    sizes = {str(path.relative_to(ROOT)): lines(path) for path in (ROOT / folder).rglob("*.py")}
    assert sizes
    assert {path: size for path, size in sizes.items() if size > CEILING} == {}


def test_half_of_the_modules_are_short() -> None:
    sizes = [lines(path) for path in (ROOT / "manager").rglob("*.py")]
    # An __init__ with a docstring alone says nothing about how long ideas get.
    ideas = [size for size in sizes if size > 5]
    if len(ideas) > ENOUGH_FOR_A_MEDIAN:
        assert median(ideas) <= MEDIAN
