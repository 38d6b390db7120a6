"""The whole way: a person shows an account to today's programs, or takes theirs over, and specklepy
as it comes from the index sees just that in its own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from manager.practice.speckle_server import SpeckleServer
from tests.hardship.running_agent import RunningAgent
from tests.integrations.specklepy_connector import Connector, refused, signed_in
from tests.providers.speckle import foreign_accounts as foreign
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def server() -> Iterator[SpeckleServer]:
    with SpeckleServer() as started:
        yield started


@pytest.fixture
def folder(agent: RunningAgent) -> Path:
    """Where programs of this person keep Speckle accounts; empty, but for the file itself."""
    found = agent.session.home / ".config" / "Speckle"
    if (found / "Accounts.db").exists():
        assert foreign.read(found / "Accounts.db") == {}
    return found


@pytest.fixture
def program(agent: RunningAgent, sdk_python: Callable[[str], Path]) -> Iterator[Connector]:
    environment = {"HOME": str(agent.session.home), "PATH": "/usr/bin:/bin"}
    started = Connector(sdk_python("specklepy"), environment)
    yield started
    started.end()


def holds(folder: Path, text: str) -> bool:
    return any(text.encode() in each.read_bytes() for each in folder.glob("Accounts.db*"))


def test_shown_kept_in_step_and_taken_away(agent, server, folder, program) -> None:
    alice, bob = signed_in(agent, server), signed_in(agent, server, "bob")
    assert program.of("list", "file") == []
    shown = agent.call("accounts.set_export", account=alice["id"], exported=True)
    assert str(folder / "Accounts.db") in shown["warning"]
    assert shown["account"]["exported"] is True
    first = agent.token(alice["id"])["access_token"]
    (listed,) = program.of("list", "file")
    assert listed["token"] == first
    assert program.of("use", "file")["user"] == "alice@example.com"
    # A renewal and a switch of the default both arrive.
    agent.call("accounts.set_export", account=bob["id"], exported=True)
    agent.call("accounts.set_default", account=bob["id"], **{"for": "overall"})
    del server.tokens.access[first[:10]]
    second = refused(agent, alice["id"])
    assert second
    until(
        lambda: (
            {each["token"] for each in program.of("list", "file")}
            == {second, agent.token(bob["id"])["access_token"]}
        ),
        "the new token in the file",
    )
    until(
        lambda: program.of("default", "file")["userInfo"]["email"] == "bob@example.com",
        "the default in the file",
    )
    assert not holds(folder, first)
    # Signed out, and shown no more.
    agent.call("accounts.remove", account=alice["id"])
    until(lambda: len(program.of("list", "file")) == 1, "the account to go")
    agent.call("accounts.set_export", account=bob["id"], exported=False)
    assert program.of("list", "file") == []
    assert not holds(folder, second)
    assert not holds(folder, agent.token(bob["id"])["access_token"])


def test_taken_over_and_renewed_as_the_app_that_it_is(agent, server, folder, program) -> None:
    app = server.applications["connectrV3"]
    pair = server.tokens.issue(app, "alice", server.now())
    foreign.write(folder, foreign.row(server.url, pair["token"], pair["refreshToken"]))
    (found,) = agent.call("accounts.find")["found"]
    assert (found["provider"], found["label"]) == ("speckle", "alice@example.com")
    account = agent.call("accounts.import", provider="speckle", found=found["id"])["account"]
    assert account["identity"] == "alice@example.com"
    assert agent.token(account["id"])["access_token"] == pair["token"]
    (known,) = agent.call("accounts.find")["found"]
    assert known["known"] is True
    # The row stays the other program's, also where the account is shown.
    agent.call("accounts.set_export", account=account["id"], exported=True)
    (listed,) = program.of("list", "file")
    assert listed["refreshToken"] == pair["refreshToken"]
    del server.tokens.access[pair["token"][:10]]
    renewed = refused(agent, account["id"])
    assert renewed
    assert server.accepts(renewed)
    agent.call("accounts.remove", account=account["id"])
    (listed,) = program.of("list", "file")
    assert listed["token"] == pair["token"]
    assert pair["refreshToken"][:10] in server.tokens.refresh
    (folder / "Accounts.db").unlink()


def test_a_personal_access_token_from_variables(agent, server) -> None:
    token = server.issue_personal_token(name="CI")
    variables = {"SPECKLE_TOKEN": token, "SPECKLE_SERVER": server.url}
    account = agent.call("accounts.import", provider="speckle", variables=variables)["account"]
    with agent.connect() as wire:
        made = wire.call("token.variables", account=account["id"])["variables"]
    assert made == variables
