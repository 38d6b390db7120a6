"""The keychain in trouble, seen through the socket and by the person: real gnome-keyring."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from manager.storage.keychain import SecretService
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused
from tests.real_parts.display import Display
from tests.real_parts.keychain import NAME, Keychain
from tests.real_parts.private_session import PrivateSession
from tests.real_parts.waiting import until


@pytest.fixture
def own_agent(private_session: PrivateSession) -> Iterator[RunningAgent]:
    """In a session of its own, not started yet: what befalls its keychain befalls nobody else."""
    agent = RunningAgent(private_session, private_session.folder / "am")
    yield agent
    agent.stop()


@pytest.fixture
def account(own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer) -> str:
    """Signed in; the agent has stopped since, so that it has no key in memory."""
    account: str = own_agent.start().sign_in(server)["id"]
    assert own_agent.stop() == 0
    return account


def refused_token(agent: RunningAgent, account: str, kind: str) -> None:
    """Over the socket within 5 s, and on the command line in a sentence with a hint."""
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        agent.token(account)
    assert time.monotonic() - began < 6
    assert refused.value.kind == kind
    told = agent.command("token", account)
    assert told.stdout == ""
    assert told.returncode == {"keychain_locked": 77, "keychain_unavailable": 69}[kind]
    assert "keychain" in told.stderr
    assert len(told.stderr.splitlines()) == 2, "a sentence, and what to do"
    assert agent.state(account)[:2] == ("signed_in", None)
    assert "needs sign-in" not in agent.command("accounts").stdout


def works_again(agent: RunningAgent, server: AuthorizationServer, account: str) -> None:
    def token() -> str:
        try:
            return str(agent.token(account)["access_token"])
        except Refused:
            return ""

    assert server.accepts(until(token, "token"))
    assert agent.state(account)[:2] == ("signed_in", None)
    assert agent.call("agent.status")["keychain"] == "available"


def test_locked_without_a_display(
    own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer, account: str
) -> None:
    keychain.lock()
    own_agent.start()
    assert own_agent.call("agent.status")["keychain"] == "locked"
    refused_token(own_agent, account, "keychain_locked")
    begun = own_agent.refusal("sign_in.begin", server=server.url, client_id="account-manager")
    assert begun.kind == "keychain_locked"
    unlocked = own_agent.command("unlock")
    assert unlocked.returncode in (69, 77), "nothing can ask for the password here"
    assert len(unlocked.stderr.splitlines()) == 2
    keychain.unlock()
    works_again(own_agent, server, account)


def test_locked_while_tokens_are_at_hand(
    own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer, account: str
) -> None:
    own_agent.start()
    token = own_agent.token(account)["access_token"]
    keychain.lock()
    assert own_agent.token(account)["access_token"] == token
    keychain.kill()
    assert own_agent.token(account)["access_token"] == token
    assert server.accepts(token)


def test_a_prompt_that_nobody_answers(
    own_agent: RunningAgent,
    display: Display,
    keychain: Keychain,
    server: AuthorizationServer,
    account: str,
) -> None:
    """It blocks neither the loop nor anybody's answer nor the stop; once open it goes on."""
    keychain.offer_prompts()
    keychain.lock()
    own_agent.environment = {
        **own_agent.session.environment,
        "ACCOUNT_MANAGER_HOME": str(own_agent.home),
    }
    own_agent.start()
    with own_agent.connect(control=True) as person:
        person.send(b'{"jsonrpc":"2.0","id":9,"method":"agent.unlock","params":{"timeout":60}}\n')
        display.wait_for_window("nlock")
        began = time.monotonic()
        assert own_agent.call("accounts.list")["accounts"]
        assert time.monotonic() - began < 1
        with pytest.raises(Refused) as refused:
            own_agent.token(account)
        assert time.monotonic() - began < 6
        assert refused.value.kind in ("keychain_unavailable", "keychain_locked")
        assert own_agent.state(account)[:2] == ("signed_in", None)
        began = time.monotonic()
        assert own_agent.stop() == 0
        assert time.monotonic() - began < 2
    own_agent.start()
    keychain.unlock()
    works_again(own_agent, server, account)


def test_killed_and_back(
    own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer, account: str
) -> None:
    keychain.kill()
    own_agent.start()
    assert own_agent.call("agent.status")["keychain"] == "unavailable"
    refused_token(own_agent, account, "keychain_unavailable")
    keychain.start()
    works_again(own_agent, server, account)
    assert len(keychain.items()) == 1, "nothing was deleted"


def test_a_keychain_that_hangs(
    own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer, account: str
) -> None:
    daemon = keychain.bus.owner_process(NAME)
    own_agent.start()
    os.kill(daemon, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with own_agent.connect() as waiting:
            waiting.send(
                b'{"jsonrpc":"2.0","id":1,"method":"token.get","params":{"account":"%s"}}\n'
                % account.encode()
            )
            for _ in range(20):
                asked = time.monotonic()
                assert own_agent.call("accounts.list")["accounts"]
                assert time.monotonic() - asked < 1, "the loop is not blocked"
            assert waiting.kind() == "keychain_unavailable"
        assert time.monotonic() - began < 6
    finally:
        os.kill(daemon, signal.SIGCONT)
    works_again(own_agent, server, account)


def test_without_any_keychain(own_agent: RunningAgent, server: AuthorizationServer) -> None:
    """No bus, no display: it starts, answers, and says what is missing before the browser opens."""
    own_agent.start()
    assert own_agent.call("accounts.list")["accounts"] == []
    assert own_agent.call("agent.status")["keychain"] == "unavailable"
    begun = own_agent.refusal("sign_in.begin", server=server.url, client_id="account-manager")
    assert begun.kind == "keychain_unavailable"
    told = own_agent.command("login", server.url, "--client-id", "account-manager")
    assert (told.returncode, told.stdout) == (69, "")
    assert "keychain" in told.stderr
    assert "gnome-keyring" in told.stderr, "what to do"
    status = own_agent.command("status")
    assert (status.returncode, "unavailable" in status.stdout) == (0, True)
    asked = {each.endpoint for each in server.requests}
    assert asked <= {"metadata", "unknown"}, "what stands there is all that was asked"


def test_the_key_is_gone_while_the_keychain_stands(
    own_agent: RunningAgent, keychain: Keychain, server: AuthorizationServer, account: str
) -> None:
    """The one answer that means signed out; the account is repaired by a sign-in."""
    SecretService(own_agent.environment).delete(account)
    own_agent.start()
    with pytest.raises(Refused) as refused:
        own_agent.token(account)
    assert refused.value.kind == "sign_in_required"
    assert own_agent.state(account)[:2] == ("attention_needed", "key_missing")
    assert "needs sign-in" in own_agent.command("accounts").stdout
    assert own_agent.sign_in(server)["id"] == account
    works_again(own_agent, server, account)
