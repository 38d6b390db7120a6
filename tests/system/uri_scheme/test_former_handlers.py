"""The former handler outlives the program; a damaged file is no obstacle."""

from __future__ import annotations

from pathlib import Path

import pytest

from manager.system.uri_scheme.former_handlers import FormerHandlers


def test_remembered_and_forgotten(tmp_path: Path) -> None:
    FormerHandlers(tmp_path).remember("speckle", "other.desktop")
    FormerHandlers(tmp_path).remember("x", "y.desktop")
    assert FormerHandlers(tmp_path).of("speckle") == "other.desktop"
    FormerHandlers(tmp_path).remember("speckle", None)
    assert FormerHandlers(tmp_path).of("speckle") is None
    assert FormerHandlers(tmp_path).of("x") == "y.desktop"
    assert [path.name for path in tmp_path.iterdir()] == ["former_handlers.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"speckle": 1}', "[" * 100_000])
def test_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "former_handlers.json").write_text(content)
    former = FormerHandlers(tmp_path)
    assert former.of("speckle") is None
    former.remember("speckle", "other.desktop")
    assert former.of("speckle") == "other.desktop"
