"""Keys made with a person's account, kept, used and ended, all through the agent's sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from manager.integrations.foxnose import AccountAuth
from manager.practice.foxnose_server import FoxNoseServer
from tests.hardship.running_agent import RunningAgent
from tests.integrations import foxnose_accounts as accounts

pytestmark = pytest.mark.real


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


def status(agent: RunningAgent, account: str, url: str) -> int:
    """What the server answers to a request of the account."""
    asked = {"account": account, "method": "GET", "url": url}
    with agent.connect() as wire:
        headers = wire.call("request.headers", **asked)["headers"]
    return httpx.get(url, headers=headers, trust_env=False).status_code


def made(agent: RunningAgent, person: str, kind: str, **values: str) -> dict[str, Any]:
    found: dict[str, Any] = agent.call(
        "credentials.create", account=person, kind=kind, values=values, keep=True
    )
    return found


@pytest.mark.parametrize(("use", "capability"), [("secure", "sign"), ("simple", "headers")])
def test_a_key_is_made_kept_used_and_revoked(agent, server, use: str, capability: str) -> None:
    person = accounts.alice(agent, server)
    kinds = agent.call("credentials.kinds", account=person)["kinds"]
    assert [each["id"] for each in kinds] == ["flux_api_key", "bearer_token"]
    answer = made(agent, person, "flux_api_key", description="Kiosk", role="reader", use=use)
    assert not answer.get("secret")
    key = answer["account"]
    assert key["capabilities"] == [capability]
    (stored,) = server.keys.listed("flux")
    assert key["identity"] == f"{stored.public_key[:8]}…{stored.public_key[-4:]}"
    articles = server.flux_url + "/v1/articles"
    assert status(agent, key["id"], articles) == 200
    (listed,) = agent.call("credentials.list", account=person, kind="flux_api_key")["credentials"]
    assert listed["name"] == "Kiosk"
    asked = {"account": person, "kind": "flux_api_key", "credential": listed["id"]}
    assert agent.call("credentials.revoke", **asked)["revoked"] is True
    assert status(agent, key["id"], articles) == 401
    assert agent.call("accounts.remove", account=key["id"], revoke=True)["revoked"] is False


def test_a_bearer_token_is_issued_kept_replaced_and_revoked(agent, server) -> None:
    person = accounts.alice(agent, server)
    stored, _ = server.new_key()
    first = made(agent, person, "bearer_token", key=stored.key)["account"]
    articles = server.flux_url + "/v1/articles"
    assert status(agent, first["id"], articles) == 200
    with agent.connect() as wire:
        variables = wire.call("token.variables", account=first["id"])["variables"]
    assert variables["FOXNOSE_ACCESS_TOKEN"].startswith("fxk_")
    second = made(agent, person, "bearer_token", key=stored.key)["account"]
    assert (status(agent, first["id"], articles), status(agent, second["id"], articles)) == (
        401, 200,
    )  # fmt: skip
    asked = {"account": person, "kind": "bearer_token", "credential": stored.key}
    for _ in range(2):
        agent.call("credentials.revoke", **asked)
    assert status(agent, second["id"], articles) == 401


def test_a_flux_key_says_why_it_makes_no_keys(agent, server) -> None:
    account, _ = accounts.key(agent, server, "secure_key", "flux")
    kinds = agent.call("credentials.kinds", account=account)["kinds"]
    assert all("manages no keys" in each["unavailable"] for each in kinds)
    refused = agent.refusal("credentials.list", account=account, kind="flux_api_key")
    assert "manages no keys" in refused.message


def test_whether_a_key_still_counts(agent, server) -> None:
    account, _ = accounts.key(agent, server, "secure_key", "flux")
    assert agent.call("accounts.verify", account=account)["verdict"] == "signed_in"
    server.revoke_everything()
    assert agent.call("accounts.verify", account=account)["verdict"] == "signed_out"


def test_a_sign_in_with_an_old_access_token_is_renewed_by_the_question(agent, server) -> None:
    person = accounts.alice(agent, server)
    server.expire_access_tokens()
    assert agent.call("accounts.verify", account=person)["verdict"] == "signed_in"
    assert server.refreshes == 1
    assert status(agent, person, server.url + "/organizations/") == 200


def test_a_wrong_refresh_path_asks_nobody_to_sign_in_again(agent, server) -> None:
    server.change_faults(refresh_path="/account/token/renew/")
    person = accounts.alice(agent, server)
    server.expire_access_tokens()
    auth = AccountAuth(person, socket=str(agent.agent_socket))
    refused = auth.get_headers()["Authorization"]
    with pytest.raises(Exception, match="refresh path is another one"):
        auth.refresh(refused)
    auth.close()
    assert agent.state(person)[0] == "signed_in"


def test_the_same_key_pasted_again_is_the_same_account(agent, server) -> None:
    stored, secret = server.new_key()
    typed = {"public_key": stored.public_key, "private_key": secret}
    first = accounts.sign_in(agent, server, "secure_key", **typed)
    assert accounts.sign_in(agent, server, "secure_key", **typed) == first
    simple = {"public_key": stored.public_key, "secret_key": secret}
    assert accounts.sign_in(agent, server, "simple_key", **simple) != first
    assert len(agent.call("accounts.list")["accounts"]) == 2


def test_variables_become_an_account_that_gives_them_again(agent, server) -> None:
    stored, secret = server.new_key()
    variables = {
        "FOXNOSE_API_URL": server.url,
        "FOXNOSE_BASE_URL": server.flux_url,
        "FOXNOSE_ENVIRONMENT_KEY": server.environment,
        "FOXNOSE_API_PREFIX": server.api_prefix,
        "FOXNOSE_PUBLIC_KEY": stored.public_key,
        "FOXNOSE_SECRET_KEY": secret,
    }
    (read,) = (
        each
        for each in agent.call("variables.read", variables=variables)["providers"]
        if each["provider"] == "foxnose"
    )
    assert (read["method"], read["holds_credential"]) == ("simple_key", True)
    account = agent.call("accounts.import", provider="foxnose", variables=variables)["account"]
    assert status(agent, account["id"], server.flux_url + "/v1/articles") == 200
    with agent.connect() as wire:
        assert wire.call("token.variables", account=account["id"])["variables"] == variables
