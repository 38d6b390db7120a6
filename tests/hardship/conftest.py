"""A running agent with a signed-in account, on a real keychain and a practice server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from tests.hardship.running_agent import RunningAgent
from tests.real_parts.keychain import Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.session_bus import SessionBus


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "hardship" in item.path.parts:
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="module")
def own_session() -> Iterator[PrivateSession]:
    """One session for all tests of a module that leave its keychain alone."""
    session = PrivateSession()
    yield session
    session.close()


@pytest.fixture(scope="module")
def open_keychain(own_session: PrivateSession) -> Keychain:
    return Keychain(SessionBus(own_session))


@dataclass(frozen=True)
class Standing:
    """An agent, the server, and an account that is signed in there."""

    agent: RunningAgent
    server: AuthorizationServer
    account: str

    def token(self) -> str:
        token: str = self.agent.token(self.account)["access_token"]
        return token


@pytest.fixture(scope="module")
def standing(own_session: PrivateSession, open_keychain: Keychain) -> Iterator[Standing]:
    """For tests that must leave it as they found it."""
    with (
        AuthorizationServer() as server,
        RunningAgent(own_session, own_session.folder / "standing") as agent,
    ):
        yield Standing(agent, server, agent.sign_in(server)["id"])


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as made:
        yield made


@pytest.fixture
def new_agent(own_session: PrivateSession, open_keychain: Keychain) -> Iterator[Callable]:
    """Makes agents, not started yet, each with folders of its own."""
    made: list[RunningAgent] = []

    def make() -> RunningAgent:
        number = len(list(own_session.folder.glob("a*-output"))) + len(made)
        agent = RunningAgent(own_session, own_session.folder / f"a{number}-{len(made)}")
        made.append(agent)
        return agent

    yield make
    for agent in made:
        agent.stop()


@pytest.fixture
def agent(new_agent: Callable[[], RunningAgent]) -> RunningAgent:
    return new_agent().start()
