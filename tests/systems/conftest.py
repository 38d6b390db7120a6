"""One agent with the real keychain for the whole table; each cell has its own server and person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hardship.agent_for_all import agent_with_keychain, forget_all
from tests.hardship.running_agent import RunningAgent


@pytest.fixture(scope="module")
def shared_agent() -> Iterator[RunningAgent]:
    with agent_with_keychain("systems") as agent:
        yield agent


@pytest.fixture
def agent(shared_agent: RunningAgent) -> Iterator[RunningAgent]:
    yield shared_agent
    forget_all(shared_agent)
