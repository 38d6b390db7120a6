"""A real agent with a real keychain, for what other programs import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hardship.agent_for_all import agent_with_keychain, forget_all
from tests.hardship.running_agent import RunningAgent


@pytest.fixture(scope="module")
def shared_agent() -> Iterator[RunningAgent]:
    with agent_with_keychain("integrations") as agent:
        yield agent


@pytest.fixture
def agent(shared_agent: RunningAgent) -> Iterator[RunningAgent]:
    yield shared_agent
    forget_all(shared_agent)
