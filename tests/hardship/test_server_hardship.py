"""Servers in trouble: never read as signed out, said in a sentence, over by itself."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from tests.hardship.rotation_log import RotatingServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.tls_server import TlsServer
from tests.hardship.wire import Refused
from tests.real_parts.waiting import until

TROUBLES: dict[str, dict[str, object]] = {
    "away": {},
    "500": {"unavailable": {"*": 500}},
    "502": {"unavailable": {"*": 502}},
    "503": {"unavailable": {"*": 503}},
    "captive portal, redirect": {"captive_portal": "redirect"},
    "captive portal, page": {"captive_portal": "page"},
    "429": {"rate_limited": {"*": "3"}},
    "request cut": {"cut_requests": 1000},
    "temporarily unavailable": {"refuse_refresh": "temporarily_unavailable"},
    "unknown error": {"refuse_refresh": "out_of_cheese"},
}
PERHAPS_PROCESSED = {"502", "captive portal, page", "request cut"}
"""After these the server may have taken the refresh token: no answer, or not the server's own."""
NO_TROUBLE: dict[str, object] = {
    "unavailable": {},
    "captive_portal": "",
    "rate_limited": {},
    "cut_requests": 0,
    "refuse_refresh": "",
}
LIFETIME = 5


@dataclass
class Case:
    name: str
    server: AuthorizationServer
    account: str
    first: str

    def begin(self) -> None:
        self.server.change_faults(**TROUBLES[self.name])
        if self.name == "away":
            self.server._service.stop()

    def end(self) -> None:
        self.server.change_faults(**NO_TROUBLE)
        if self.name == "away":
            self.server._service.start(self.server.port)


@pytest.fixture
def cases(agent: RunningAgent) -> Iterator[list[Case]]:
    with contextlib.ExitStack() as stack:
        made = []
        for name in TROUBLES:
            server = stack.enter_context(AuthorizationServer())
            server.change_faults(lifetime=LIFETIME, grace=60)
            account = agent.sign_in(server)["id"]
            made.append(Case(name, server, account, agent.token(account)["access_token"]))
        yield made


def test_ten_troubles_at_once(agent: RunningAgent, cases: list[Case]) -> None:
    for case in cases:
        case.begin()
    for case in cases:
        alive = agent.token(case.account, LIFETIME - 0.1)
        assert alive["expires_at"] >= time.time() - 1, f"{case.name}: a living token is served"
    time.sleep(LIFETIME)  # what was issued has ended now; nothing else could tell that it has
    for case in cases:
        with pytest.raises(Refused) as refused:
            agent.token(case.account)
        error = refused.value
        expected = {"429": "rate_limited", "unknown error": "provider_error"}
        assert error.kind == expected.get(case.name, "server_unreachable"), case.name
        assert error.message.endswith(".")
        assert error.hint.endswith(".")
        assert "127.0.0.1" in error.message
        if case.name == "429":
            assert error.retry_after is not None
            assert 0 < error.retry_after <= 3
        state, reason, attempt = agent.state(case.account)
        assert (state, reason) == ("signed_in", None), case.name
        sent = "uncertain" if case.name in PERHAPS_PROCESSED else "unreachable"
        assert attempt == ("ok" if case.name == "unknown error" else sent), case.name
    told = agent.command("token", cases[0].account)
    assert (told.returncode, told.stdout) == (75, "")
    assert "refused" in told.stderr
    assert "by itself" in told.stderr
    listed = agent.command("accounts").stdout
    assert listed.count("signed in (server away)") == len(cases) - 1 - len(PERHAPS_PROCESSED)
    assert listed.count("signed in (renewal uncertain)") == len(PERHAPS_PROCESSED)
    assert "needs sign-in" not in listed
    asked = {case.name: case.server.token_requests("refresh_token") for case in cases}
    for case in cases:
        case.end()
    for case in cases:
        until(
            lambda case=case: case.server.token_requests("refresh_token") > asked[case.name],
            f"background refresh after {case.name}",
            40,
        )
        token = until(lambda case=case: _served(agent, case), f"token after {case.name}", 20)
        assert case.server.accepts(token), case.name
        assert token != case.first
        assert agent.state(case.account) == ("signed_in", None, "ok")
        assert case.server.reuse_detected == 0


def _served(agent: RunningAgent, case: Case) -> str:
    try:
        token: str = agent.token(case.account, 1)["access_token"]
    except Refused:
        return ""
    return token


def not_signed_in(agent: RunningAgent, address: str) -> str:
    """What the command line says of a server that cannot be reached: two lines."""
    told = agent.command("login", address, "--client-id", "x", "--no-browser")
    assert (told.returncode, told.stdout) == (75, "")
    assert len(told.stderr.splitlines()) == 2, "a sentence, and what to do"
    return told.stderr


def test_a_sign_in_to_a_server_that_is_not_there(agent: RunningAgent, tmp_path: Path) -> None:
    assert "no-such-host.invalid" in not_signed_in(agent, "https://no-such-host.invalid")
    assert "refused" in not_signed_in(agent, "http://127.0.0.1:9")
    with TlsServer(tmp_path) as server:
        said = not_signed_in(agent, server.url)
        assert "certificate" in said
        assert "not trusted" in said
        assert server.handshakes > 0


# Lost answers ----------------------------------------------------------------------------------


@pytest.fixture
def rotating() -> Iterator[RotatingServer]:
    with RotatingServer() as server:
        yield server


def forced(agent: RunningAgent, account: str) -> dict[str, object]:
    """Have the token renewed that a server refused."""
    with agent.connect() as connector:
        current = connector.call("token.get", account=account, min_valid=0)["access_token"]
        rejected = hashlib.sha256(current.encode()).hexdigest()
        answer: dict[str, object] = connector.call(
            "token.refresh", account=account, rejected=rejected
        )
    return answer


def test_one_lost_answer_is_asked_for_again(agent: RunningAgent, rotating: RotatingServer) -> None:
    account = agent.sign_in(rotating)["id"]
    rotating.change_faults(lost_answers=1, grace=30)
    with agent.connect() as watcher:
        watcher.call("events.subscribe", topics=["account.updated"])
        token = forced(agent, account)["access_token"]
        assert watcher.answer()["params"]["account"]["last_attempt"] == "uncertain"
        assert watcher.answer()["params"]["account"]["last_attempt"] == "ok"
    assert rotating.accepts(str(token))
    assert rotating.counters["refresh_token_reuse_in_grace"] == 1
    assert rotating.reuse_detected == 0


def test_lost_answers_are_shown_as_uncertain(agent: RunningAgent, rotating: RotatingServer) -> None:
    account = agent.sign_in(rotating)["id"]
    rotating.change_faults(lost_answers=2, grace=60)
    with pytest.raises(Refused) as refused:
        forced(agent, account)
    assert refused.value.kind == "server_unreachable"
    assert agent.state(account) == ("signed_in", None, "uncertain")
    assert "signed in (renewal uncertain)" in agent.command("accounts").stdout
    agent.kill()
    agent.start()
    token = forced(agent, account)["access_token"]
    assert rotating.accepts(str(token))
    assert agent.state(account) == ("signed_in", None, "ok")
    assert rotating.reuse_detected == 0


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed"])
def test_a_lost_answer_after_the_grace_window_asks_for_a_sign_in(
    agent: RunningAgent, rotating: RotatingServer, killed: bool
) -> None:
    account = agent.sign_in(rotating)["id"]
    rotating.change_faults(lost_answers=2 if killed else 1, grace=60 if killed else 0)
    if killed:
        with pytest.raises(Refused):
            forced(agent, account)
        agent.kill()
        rotating.change_faults(grace=0)
        agent.start()
    with pytest.raises(Refused) as refused:
        forced(agent, account)
    assert refused.value.kind == "sign_in_required"
    assert agent.state(account)[:2] == ("attention_needed", "refresh_uncertain")
    asked = len(rotating.presented)
    told = agent.command("token", account, "--min-valid", "4000")
    if told.returncode:
        assert told.returncode == 77
        assert "sign in again" in told.stderr
    assert "needs sign-in" in agent.command("accounts").stdout
    assert len(rotating.presented) == asked, "what was refused is not sent again"
    assert agent.sign_in(rotating)["id"] == account
    assert agent.state(account)[:2] == ("signed_in", None)
    assert rotating.accepts(agent.token(account)["access_token"])


# Stopped in mid-refresh ------------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0.6, 30.0], ids=["answer in time", "answer too late"])
def test_a_stop_during_a_refresh(
    agent: RunningAgent, rotating: RotatingServer, delay: float
) -> None:
    account = agent.sign_in(rotating)["id"]
    rotating.change_faults(delay={"token": delay}, grace=60)
    ended: list[str] = []

    def ask() -> None:
        try:
            forced(agent, account)
        except (Refused, ConnectionError, ValueError) as failure:
            ended.append(str(failure))

    connector = threading.Thread(target=ask)
    connector.start()
    until(lambda: rotating.presented, "refresh under way")
    began = time.monotonic()
    assert agent.stop() == 0
    took = time.monotonic() - began
    connector.join()
    assert took < 2
    assert ended, "whoever waited is told or disconnected"
    sent = rotating.presented[0]
    rotating.change_faults(delay={})
    agent.start()
    assert rotating.accepts(str(forced(agent, account)["access_token"]))
    again = rotating.presented[1]
    assert (again == sent) is (delay > 2), "stored where the answer came, sent again where not"
    assert rotating.reuse_detected == 0
    assert agent.state(account) == ("signed_in", None, "ok")


@pytest.mark.whole
def test_stops_at_any_moment(
    new_agent: Callable[[], RunningAgent], rotating: RotatingServer
) -> None:
    """SIGTERM at any moment ends with status 0 and without a traceback."""
    agent = new_agent().start()
    rotating.change_faults(lifetime=2, grace=60)
    account = agent.sign_in(rotating)["id"]
    for number in range(8):
        time.sleep(number * 0.05)
        assert agent.stop() == 0
        agent.start()
        assert agent.state(account)[0] == "signed_in"
    assert rotating.accepts(agent.token(account, 1)["access_token"])
    assert rotating.reuse_detected == 0
    assert "Traceback" not in agent.output.read_text()
