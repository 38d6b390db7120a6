"""The table: every system and dialect, in every situation, from the sockets of a real agent with a
real keychain to a stand-in that speaks the exact dialect. Nothing is replaced inside the agent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import Refused

from . import foxnose_dialects, magnet_dialects
from .browser_dialects import OpenIdConnect, SpecklePlain, SpeckleS256
from .device_dialects import OpenIdConnectDevice
from .dialect import Dialect
from .speckle_dialects import SpecklePersonalAccessToken

pytestmark = [pytest.mark.real, pytest.mark.whole]
DIALECTS: tuple[type[Dialect], ...] = (
    OpenIdConnect,
    OpenIdConnectDevice,
    SpecklePlain,
    SpeckleS256,
    SpecklePersonalAccessToken,
    *foxnose_dialects.DIALECTS,
    *magnet_dialects.DIALECTS,
)


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Iterator[Dialect]:
    made: Dialect = request.param()
    with made.running():
        yield made


def test_sign_in(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    assert account["provider"] == dialect.provider
    assert dialect.identity in account["identity"]
    assert account["state"] == "signed_in"
    assert account["renews"] is dialect.renews
    assert agent.call("sign_in.list")["sign_ins"] == []


def test_list(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    with agent.connect() as connector:
        (listed,) = connector.call("accounts.list")["accounts"]
        asked = connector.call("accounts.list", server=dialect.server.url)["accounts"]
    assert listed["id"] == account["id"]
    assert [each["id"] for each in asked] == [account["id"]]
    assert listed["server"]["url"] == account["server"]["url"]


def test_the_server_accepts_what_a_connector_gets(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    assert dialect.serves(headers(agent, dialect, account))
    assert not dialect.serves({})
    if dialect.has_token:
        token = agent.token(account["id"])
        assert token["access_token"]
    else:
        refusal = token_refused(agent, account)
        assert refusal.kind == "invalid_request"
        assert "headers" in refusal.hint


def test_renew(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    if not dialect.renews:
        # There is nothing to renew: the server is asked, and the account stays what it is.
        assert agent.call("accounts.verify", account=account["id"])["verdict"] == "signed_in"
        assert dialect.refreshes() == 0
        return
    before = headers(agent, dialect, account)
    renewed(agent, dialect, account)
    after = headers(agent, dialect, account)
    assert after != before
    assert dialect.serves(after)
    assert dialect.refreshes() == 1


def test_wrong_password_key_or_a_no(agent: RunningAgent, dialect: Dialect) -> None:
    refusal = dialect.sign_in_wrongly(agent)
    assert refusal.kind == dialect.wrong_kind
    assert refusal.message
    assert refusal.hint
    assert agent.call("accounts.list")["accounts"] == []
    # The right one afterwards is no worse for it.
    assert dialect.serves(headers(agent, dialect, dialect.sign_in(agent)))


def test_expired(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    before = headers(agent, dialect, account)
    if dialect.ages_by is None:
        assert account.get("expires_at") is None
        assert dialect.serves(before)
        return
    dialect.age()
    assert not dialect.serves(before)
    if dialect.renews and dialect.renews_expired:
        renewed(agent, dialect, account)
        assert dialect.serves(headers(agent, dialect, account))
        assert dialect.refreshes() == 1
    elif dialect.renews:
        assert rejected(agent, account).kind == "sign_in_required"
        needs_attention(agent, account)
    else:
        assert agent.call("accounts.verify", account=account["id"])["verdict"] == "signed_out"
        needs_attention(agent, account)


def test_revoked_at_the_server(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    before = headers(agent, dialect, account)
    dialect.revoke()
    assert not dialect.serves(before)
    if dialect.has_token:
        refusal = rejected(agent, account)
        assert refusal.kind == "sign_in_required"
    else:
        assert agent.call("accounts.verify", account=account["id"])["verdict"] == "signed_out"
    needs_attention(agent, account)


def test_server_away(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    with dialect.away():
        # What is at hand is served on; a renewal says what is wrong, and nobody is signed out.
        assert headers(agent, dialect, account)
        if dialect.has_token:
            assert rejected(agent, account).kind == "server_unreachable"
        told = agent.refusal("accounts.verify", account=account["id"])
        assert told.kind == "server_unreachable"
        if dialect.asks_each_time:
            refusal = agent.refusal("sign_in.begin", **dialect.begin())
            assert refusal.kind == "server_unreachable"
    assert agent.call("accounts.get", account=account["id"])["state"] == "signed_in"
    assert dialect.serves(headers(agent, dialect, account))


def test_sign_out(agent: RunningAgent, dialect: Dialect) -> None:
    account = dialect.sign_in(agent)
    before = headers(agent, dialect, account)
    removed = agent.call("accounts.remove", account=account["id"])
    assert removed["revoked"] is dialect.ends
    assert dialect.serves(before) is (dialect.lives_out or not dialect.ends)
    if dialect.lives_out:
        dialect.age()
        assert not dialect.serves(before)
    assert agent.call("accounts.list")["accounts"] == []
    with agent.connect() as connector, pytest.raises(Refused) as gone:
        connector.call("token.get", account=account["id"])
    assert gone.value.kind == "account_not_found"


def headers(agent: RunningAgent, dialect: Dialect, account: dict[str, Any]) -> dict[str, str]:
    """As a connector asks for them, for the request that it is about to send."""
    method, url = dialect.resource()
    params = {"account": account["id"], "method": method, "url": url}
    with agent.connect() as connector:
        answer: dict[str, str] = connector.call("request.headers", **params)["headers"]
    return answer


def renewed(agent: RunningAgent, dialect: Dialect, account: dict[str, Any]) -> None:
    """As a connector says that the server refused what it had."""
    if not dialect.has_token:
        assert agent.call("accounts.verify", account=account["id"])["verdict"] == "signed_in"
        return
    token = agent.token(account["id"])
    with agent.connect() as connector:
        fresh = connector.call("token.refresh", account=account["id"], rejected=digest(token))
    assert fresh["access_token"] != token["access_token"]


def rejected(agent: RunningAgent, account: dict[str, Any]) -> Refused:
    token = agent.token(account["id"])
    with agent.connect() as connector, pytest.raises(Refused) as refusal:
        connector.call("token.refresh", account=account["id"], rejected=digest(token))
    return refusal.value


def token_refused(agent: RunningAgent, account: dict[str, Any]) -> Refused:
    with agent.connect() as connector, pytest.raises(Refused) as refusal:
        connector.call("token.get", account=account["id"])
    return refusal.value


def needs_attention(agent: RunningAgent, account: dict[str, Any]) -> None:
    assert agent.call("accounts.get", account=account["id"])["state"] == "attention_needed"


def digest(token: dict[str, Any]) -> str:
    return hashlib.sha256(token["access_token"].encode()).hexdigest()
