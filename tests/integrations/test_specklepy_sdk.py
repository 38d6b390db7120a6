"""specklepy as it comes from the index, in its own environment and processes: with accounts that
were written into its file, and with accounts of the agent without any file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from manager.core.account import Account, Server
from manager.core.provider import SignInResult
from manager.core.provider_abilities import ExportedAccount
from manager.practice.person import Person
from manager.practice.speckle_server import SpeckleServer
from manager.providers.http_client import HttpClient
from manager.providers.speckle import SpeckleProvider
from manager.system.clock import SystemClock
from manager.system.randomness import SystemRandomness
from tests.hardship.running_agent import RunningAgent
from tests.providers.speckle import foreign_accounts as foreign
from tests.providers.speckle.signed_in import by_browser

pytestmark = pytest.mark.real
PROGRAM = Path(__file__).with_name("specklepy_program.py")


class Connector:
    """A process with specklepy and the smallest size of ours."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(python), "-I", str(PROGRAM)],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def ask(self, do: str, source: str, **more: str) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"do": do, "source": source, **more})
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def done(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, said = self._process.communicate(timeout=30)
            raise AssertionError(said.decode())
        return json.loads(line)["done"]

    def of(self, do: str, source: str, **more: str) -> Any:
        self.ask(do, source, **more)
        return self.done()

    def end(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture
def server() -> Iterator[SpeckleServer]:
    with SpeckleServer() as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def connector(
    agent: RunningAgent, home: Path, sdk_python: Callable[[str], Path]
) -> Iterator[Callable[[], Connector]]:
    made: list[Connector] = []
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "ACCOUNT_MANAGER_HOME": str(agent.home),
    }

    def start() -> Connector:
        made.append(Connector(sdk_python("specklepy"), environment))
        return made[-1]

    yield start
    for each in made:
        each.end()


# From its own file -------------------------------------------------------------------------------


@pytest.fixture
async def provider(home: Path, tmp_path: Path) -> AsyncIterator[SpeckleProvider]:
    http = HttpClient()
    environ = {"HOME": str(home)}
    yield SpeckleProvider(http, SystemClock(), SystemRandomness(), environ, tmp_path / "data")
    await http.close()


def kept(result: SignInResult, *, default: bool, moved_from: str | None = None) -> ExportedAccount:
    server = Server(result.server.url, result.server.name, moved_from)
    account = Account(result.identity.label, "speckle", server, result.identity)
    return ExportedAccount(account, result.credential, default)


@pytest.mark.anyio
async def test_exported_accounts_are_listed_and_used(provider, server, connector, home) -> None:
    alice = await by_browser(provider, server)
    bob = await by_browser(provider, server, "bob")
    await provider.export([kept(alice, default=False), kept(bob, default=True)])
    program = connector()
    listed = {each["userInfo"]["email"]: each for each in program.of("list", "file")}
    assert set(listed) == {"alice@example.com", "bob@example.com"}
    assert listed["alice@example.com"]["token"] == alice.credential.access_token.reveal()
    assert [each["isDefault"] for each in listed.values()].count(True) == 1
    assert all(each["refreshToken"] is None for each in listed.values())
    default = program.of("default", "file")
    assert default == listed["bob@example.com"]
    assert default["serverInfo"]["url"] == server.url
    assert program.of("use", "file") == {
        "user": "bob@example.com",
        "id": bob.identity.subject,
        "server": "Speckle Practice",
        "version": "2.31.14",
    }
    sent = [each for each in server.requests if each.headers.get("apollographql-client-name")]
    assert sent
    assert {each.status for each in sent} == {200}
    host = urlsplit(server.url).netloc
    assert len(program.of("server", "file", host=host)) == 2
    token = alice.credential.access_token.reveal()
    assert program.of("token", "file", token=token) == listed["alice@example.com"]
    # The person chooses anew, and then signs out everywhere.
    await provider.export([kept(alice, default=True), kept(bob, default=False)])
    assert program.of("default", "file")["userInfo"]["email"] == "alice@example.com"
    await provider.export([])
    assert program.of("list", "file") == []
    assert program.of("default", "file") is None


@pytest.mark.anyio
async def test_an_account_of_a_moved_server_is_found_by_both_addresses(
    provider, server, connector
) -> None:
    alice = await by_browser(provider, server)
    await provider.export([kept(alice, default=True, moved_from="https://old.example.org")])
    program = connector()
    for host in ("old.example.org", urlsplit(server.url).netloc):
        (found,) = program.of("server", "file", host=host)
        assert found["serverInfo"]["migration"]["movedFrom"] == "https://old.example.org"


@pytest.mark.anyio
async def test_the_persons_default_wins_over_those_of_others(
    provider, server, connector, home
) -> None:
    theirs = foreign.row("https://other.example", "t" * 42, isDefault=True)
    foreign.write(home / ".config" / "Speckle", theirs)
    alice = await by_browser(provider, server)
    program = connector()
    await provider.export([kept(alice, default=False)])
    assert program.of("default", "file")["token"] == "t" * 42
    await provider.export([kept(alice, default=True)])
    assert program.of("default", "file")["serverInfo"]["url"] == server.url
    await provider.export([])
    assert program.of("default", "file")["token"] == "t" * 42


@pytest.mark.anyio
async def test_what_specklepy_holds_is_taken_over(provider, server, connector, home) -> None:
    """A file that the SDK itself has made, with a row put in by hand, as its users do."""
    program = connector()
    assert program.of("list", "file") == []
    token = server.issue_personal_token()
    minimal = {"token": token, "serverInfo": {"url": server.url}, "userInfo": {}}
    foreign.write(home / ".config" / "Speckle", json.dumps(minimal))
    (found,) = await provider.found_accounts()
    result = await provider.take_over(found.id)
    assert result.identity.label == "alice@example.com"
    assert program.of("default", "file")["token"] == token


# From the agent ----------------------------------------------------------------------------------


def signed_in(agent: RunningAgent, server: SpeckleServer, login: str = "alice") -> dict[str, Any]:
    begun = agent.call("sign_in.begin", server=server.url, redirect="scheme")
    answer = Person(login).visit(begun["authorization_url"])
    account: dict[str, Any] = agent.call("sign_in.complete", uri=answer)["account"]
    return account


def test_the_same_functions_from_the_agent(agent, server, connector, home) -> None:
    alice, bob = signed_in(agent, server), signed_in(agent, server, "bob")
    agent.call("accounts.set_default", account=bob["id"], **{"for": "overall"})
    program = connector()
    listed = {each["userInfo"]["email"]: each for each in program.of("list", "socket")}
    assert set(listed) == {"alice@example.com", "bob@example.com"}
    default = program.of("default", "socket")
    assert default == listed["bob@example.com"]
    assert default["isDefault"]
    assert program.of("use", "socket")["user"] == "bob@example.com"
    token = agent.token(alice["id"])["access_token"]
    assert program.of("token", "socket", token=token) == listed["alice@example.com"]
    at_server = program.of("token", "socket", token="x" * 42, server=server.url.upper())
    assert at_server["serverInfo"]["url"] == server.url
    bare = program.of("token", "socket", token="x" * 42, server="https://other.example")
    assert bare["token"] == "x" * 42
    host = urlsplit(server.url).netloc
    assert len(program.of("server", "socket", host=host)) == 2
    assert program.of("server", "socket", host="other.example") == []
    # Nothing of it is on the disk.
    files = [each for each in home.rglob("*") if each.is_file()]
    assert not any(token.encode() in each.read_bytes() for each in files)
    # The ids are those of the file, so that programs know an account again.
    assert default["id"] == foreign.row(server.url, "", email="bob@example.com")["id"]


def test_without_accounts(agent, connector) -> None:
    program = connector()
    assert program.of("list", "socket") == []
    assert program.of("default", "socket") is None


def test_one_account_that_is_over_hides_no_other(agent, server, connector) -> None:
    signed_in(agent, server)
    with SpeckleServer() as other:
        gone = signed_in(agent, other, "bob")
        other.revoke_everything()
        rejected = agent.token(gone["id"])["access_token"]
        refused(agent, gone["id"], rejected)
        listed = connector().of("list", "socket")
    tokens = {each["userInfo"]["email"]: each["token"] for each in listed}
    assert tokens["alice@example.com"]
    assert tokens["bob@example.com"] is None


def refused(agent: RunningAgent, account: str, token: str) -> None:
    from hashlib import sha256

    from tests.hardship.wire import Refused

    with agent.connect() as wire, pytest.raises(Refused):
        wire.call("token.refresh", account=account, rejected=sha256(token.encode()).hexdigest())


@pytest.mark.whole
def test_twenty_processes_on_an_ended_token_renew_once(agent, server, connector) -> None:
    account = signed_in(agent, server)
    programs = [connector() for _ in range(20)]
    for program in programs:
        program.ask("hold", "socket")
    assert all(program.done() for program in programs)
    ended = agent.token(account["id"])["access_token"]
    del server.tokens.access[ended[:10]]
    for program in programs:
        program.ask("again", "socket")
    said = [program.done() for program in programs]
    assert {each["user"] for each in said} == {"alice@example.com"}
    assert all(each["renewed"] for each in said)
    assert server.counters["token:refresh_token"] == 1
