"""A real agent with a real keychain, for what other programs import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hardship.running_agent import RunningAgent
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus


@pytest.fixture(scope="module")
def shared_agent() -> Iterator[RunningAgent]:
    session = PrivateSession()
    try:
        Keychain(SessionBus(session))
        with RunningAgent(session, session.folder / "integrations") as agent:
            yield agent
    finally:
        session.close()


@pytest.fixture
def agent(shared_agent: RunningAgent) -> Iterator[RunningAgent]:
    yield shared_agent
    for account in shared_agent.call("accounts.list")["accounts"]:
        shared_agent.call("accounts.remove", account=account["id"], revoke=False)
