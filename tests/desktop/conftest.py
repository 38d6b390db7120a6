"""One application for all tests of the window; what the presenters show, kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from manager.desktop.appearance import Appearance
from manager.desktop.theme import LIGHT


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Iterator[Appearance]:
    appearance = Appearance(qapp, LIGHT)
    yield appearance
    appearance.use(LIGHT)


@pytest.fixture
def patient() -> Any:
    """Lets a coroutine that waits for the person's fingers go on at once."""

    async def pause(seconds: float) -> None:
        return None

    return pause
