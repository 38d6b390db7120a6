"""The sample connector beside real web servers, and an agent that answers to order."""

from __future__ import annotations

import json
import threading
import urllib.error
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from manager.client import Account, AccountManagerError, Event, Token
from manager.client.errors import ChooseAccount
from manager.practice import sample_connector
from manager.practice.authorization_server import AuthorizationServer
from manager.practice.sample_connector import ServerSaidNo, fetch, main, use_all
from manager.practice.speckle_server import SpeckleServer
from tests.client.protocol_server import account as account_fields
from tests.client.protocol_server import token as token_fields


class Web:
    """Answers with what it was asked, or sends to where `leads` says."""

    def __init__(self) -> None:
        self.leads: dict[str, str] = {}
        self.authorizations: list[str | None] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.authorizations.append(self.headers["Authorization"])
                target = web.leads.get(self.path)
                self.send_response(302 if target else 200)
                if target:
                    self.send_header("Location", target)
                body = b"" if target else json.dumps({"path": self.path}).encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def webs() -> Iterator[tuple[Web, Web]]:
    both = Web(), Web()
    yield both
    for each in both:
        each.close()


def test_a_token_stays_at_its_server_when_a_redirect_leaves_it(webs: tuple[Web, Web]) -> None:
    home, foreign = webs
    home.leads["/away"] = f"{foreign.url}/there"
    assert fetch(f"{home.url}/away", "Bearer canary") == {"path": "/there"}
    assert home.authorizations == ["Bearer canary"]
    assert foreign.authorizations == [None]


def test_a_redirect_within_a_server_keeps_it(webs: tuple[Web, Web]) -> None:
    home, _ = webs
    home.leads["/old"] = "/new"
    assert fetch(f"{home.url}/old", "Bearer canary") == {"path": "/new"}
    assert home.authorizations == ["Bearer canary"] * 2


@pytest.mark.parametrize("url", ["http://id.example/userinfo", "ftp://127.0.0.1/", "file:///x", ""])
def test_no_token_goes_to_an_open_address(url: str) -> None:
    with pytest.raises(ServerSaidNo, match="not protected"):
        fetch(url, "Bearer canary")


class Agent:
    """What `use_all` needs of a client."""

    def __init__(self, server: str, provider: str, *tokens: str) -> None:
        where = {"url": server, "name": "Practice"}
        self.shown = [Account.from_wire(account_fields(server=where, provider=provider))]
        self._tokens = [Token.from_wire(token_fields(access_token=each)) for each in tokens]
        self.refused: list[str] = []

    def accounts(self, server: str | None = None) -> list[Account]:
        return [each for each in self.shown if server in (None, each.server_url)]

    def token(self, account: str, *, min_valid: float) -> Token:
        assert min_valid == 60
        return self._tokens.pop(0)

    def refresh(self, account: str, rejected_token: str) -> Token:
        self.refused.append(rejected_token)
        return self._tokens.pop(0)


def test_a_refused_token_is_told_once_and_replaced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = sample_connector.ask

    def ask(account: Account, authorization: str) -> str:
        if authorization == "Bearer good":
            return "Alice"
        return taken(account, authorization)

    monkeypatch.setattr(sample_connector, "ask", ask)
    with SpeckleServer() as server:
        agent = Agent(server.url, "speckle", "refused", "good")
        assert use_all(agent, None) == 0
    assert agent.refused == ["refused"]
    assert "accepted as Alice" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [AuthorizationServer, SpeckleServer])
def test_a_server_that_refuses_everything_is_a_sentence(
    kind: type, capsys: pytest.CaptureFixture[str]
) -> None:
    with kind() as server:
        provider = "speckle" if kind is SpeckleServer else "oidc"
        agent = Agent(server.url, provider, "canary-1", "canary-2")
        assert use_all(agent, None) == 1
        server.change_faults(captive_portal="page")
        agent = Agent(server.url, provider, "canary-1", "canary-2")
        assert use_all(agent, None) == 1
        server.change_faults(captive_portal="", unavailable={"*": 502})
        agent = Agent(server.url, provider, "canary-1", "canary-2")
        assert use_all(agent, None) == 1
    agent = Agent(server.url, provider, "canary-1", "canary-2")
    assert use_all(agent, None) == 1
    said = capsys.readouterr()
    assert "it refused a new token too" in said.err
    assert "status 502" in said.err
    assert "could not be reached" in said.err
    assert "canary" not in said.out + said.err


def test_other_servers_accounts_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert use_all(Agent("https://id.example", "oidc"), "https://other.example") == 1
    assert "account-manager login" in capsys.readouterr().err


def test_without_an_agent_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACCOUNT_MANAGER_HOME", str(tmp_path))
    monkeypatch.delenv("ACCOUNT_MANAGER_SOCKET", raising=False)
    assert main([]) == 1
    assert "account-manager agent" in capsys.readouterr().err


def test_events_and_choices_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    event = Event("account.added", {"account": account_fields()})
    lost = Event("connection.lost", {})
    sample_connector.follow(SimpleNamespace(events=lambda topics: [event, lost]))
    assert capsys.readouterr().out.splitlines() == [
        "account.added: person1@id.example at Example",
        "connection.lost",
    ]
    choices = [{"identity": "a@id.example", "server": "https://id.example"}]
    error: AccountManagerError = ChooseAccount("Which one?", hint="Name it.", choices=choices)
    assert sample_connector.told(error) == 1
    assert capsys.readouterr().err == "Which one?\nName it.\n  a@id.example at https://id.example\n"


def test_a_refusal_is_read_and_closed(webs: tuple[Web, Web]) -> None:
    with SpeckleServer() as server, pytest.raises(urllib.error.HTTPError) as refused:
        fetch(f"{server.url}/graphql", "Bearer canary", {"query": "{ activeUser { name } }"})
    with refused.value as answer:
        assert answer.code == 403
