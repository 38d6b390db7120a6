"""One agent with a real keychain for many tests; each leaves it without accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.hardship.running_agent import RunningAgent
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus


@contextmanager
def agent_with_keychain(name: str) -> Iterator[RunningAgent]:
    session = PrivateSession()
    try:
        Keychain(SessionBus(session))
        with RunningAgent(session, session.folder / name) as agent:
            yield agent
    finally:
        session.close()


def forget_all(agent: RunningAgent) -> None:
    """Without a word to the servers, which may be gone."""
    for account in agent.call("accounts.list")["accounts"]:
        agent.call("accounts.remove", account=account["id"], revoke=False)
