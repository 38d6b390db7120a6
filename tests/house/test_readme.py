"""What the README points at is there, and its table of systems leaves none out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.systems.test_every_system import DIALECTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SYSTEMS = README[README.index("## What works with which system") :].partition("\n## ")[0]
ROWS = [row.strip("|").split("|") for row in SYSTEMS.splitlines() if row.startswith("| ")][1:]


def test_every_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"tests/[\w/]+\.py", README))
    assert len(named) > 10
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_file_that_it_links_is_there() -> None:
    links = set(re.findall(r"\]\(([^):#]+)\)", README))
    assert {link for link in links if not (ROOT / link).exists()} == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip()[:40])
def test_every_row_of_the_systems_names_a_test(row: list[str]) -> None:
    assert re.search(r"`tests/[\w/]+\.py`", row[3])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_dialect_of_the_table_has_a_row(dialect: type) -> None:
    assert f"`{dialect.name}`" in SYSTEMS
