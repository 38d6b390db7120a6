"""What every test may ask for."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite("tests.storage.keychain_contract")

pytest_plugins = ["tests.real_parts.fixtures"]

# No test draws on the screen of the person who runs it. Those that need a display bring their own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hardship")
    group.addoption("--soak", action="store_true", help="hardship for hours instead of minutes")
    group.addoption("--seed", default="1", help="of what is random in hardship tests")
