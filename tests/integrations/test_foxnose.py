"""The strategy for FoxNose's SDK, in this process, with a real agent."""

from __future__ import annotations

import ast
import asyncio
import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from manager.client.errors import (
    AccountManagerError,
    AccountNotFound,
    ChooseAccount,
    InvalidRequest,
)
from manager.integrations import foxnose
from manager.integrations.foxnose import AccountAuth, SocketTokenProvider
from manager.practice.foxnose_server import FoxNoseServer
from tests.hardship.running_agent import RunningAgent
from tests.hardship.wire import frame
from tests.integrations import foxnose_accounts as accounts
from tests.providers.foxnose.random_requests import random_requests
from tests.real_parts.waiting import until

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Request:
    url: str
    method: str = "GET"
    body: bytes = b""


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


@pytest.fixture
def auth(agent: RunningAgent) -> Iterator[Callable[..., AccountAuth]]:
    made: list[AccountAuth] = []

    def make(account: str | None = None, **options) -> AccountAuth:
        made.append(AccountAuth(account, socket=str(agent.agent_socket), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def organizations(server: FoxNoseServer) -> Request:
    return Request(server.url + "/organizations/")


def accepted(request: Request, headers: dict[str, str]) -> bool:
    with httpx.Client(trust_env=False) as http:
        answer = http.request(request.method, request.url, headers=headers, content=request.body)
    return answer.status_code != 401


def test_it_is_written_for_python_3_9() -> None:
    source = Path(foxnose.__file__).read_text()
    ast.parse(source, feature_version=(3, 9))
    assert "from __future__ import annotations" in source


def test_both_contracts_with_a_sign_in(agent, server, auth) -> None:
    strategy = auth(accounts.alice(agent, server))
    built = strategy.build_headers(organizations(server))
    assert accepted(organizations(server), built)
    assert strategy.get_headers() == built
    assert asyncio.run(strategy.aget_headers()) == built
    assert built["Authorization"] not in repr(strategy) + repr(strategy._kept)


def test_a_signing_account_has_no_headers_without_a_request(agent, server, auth) -> None:
    account, _ = accounts.key(agent, server, "secure_key", "flux")
    strategy = auth(account)
    assert accepted(
        Request(server.flux_url + "/v1/articles"),
        strategy.build_headers(Request(server.flux_url + "/v1/articles")),
    )
    for asking in (strategy.get_headers, lambda: asyncio.run(strategy.aget_headers())):
        with pytest.raises(InvalidRequest, match="signs each request") as caught:
            asking()
        assert "build_headers" in caught.value.hint


def test_a_key_is_no_bearer_token(agent, server) -> None:
    for form in ("simple_key", "secure_key"):
        account, _ = accounts.key(agent, server, form, "flux")
        provider = SocketTokenProvider(account, socket=str(agent.agent_socket))
        with pytest.raises(InvalidRequest):
            provider.get_token()
        provider.close()


def test_nothing_goes_to_a_foreign_address(agent, server, auth) -> None:
    strategy = auth(accounts.alice(agent, server))
    strategy.build_headers(organizations(server))
    for url in (
        "https://evil.example/organizations/",
        server.url.replace("127.0.0.1", "localhost"),
    ):
        with pytest.raises(InvalidRequest):
            strategy.build_headers(Request(url))


def test_an_account_is_never_guessed(agent, server, auth) -> None:
    by_server = auth(server=server.url)
    with pytest.raises(AccountNotFound):
        by_server.build_headers(organizations(server))
    mine = accounts.alice(agent, server)
    assert by_server.get_headers() == auth(mine).get_headers()
    accounts.sign_in(agent, server, "password", email="bob@example.com", password="x")
    with pytest.raises(ChooseAccount):
        auth().build_headers(organizations(server))
    agent.call("accounts.set_default", account=mine, **{"for": "server"})
    chosen = auth(server=server.url).build_headers(organizations(server))
    assert chosen == auth(mine).build_headers(organizations(server))
    with pytest.raises(AccountNotFound):
        auth("nobody").get_headers()


def test_a_refused_token_is_replaced(agent, server, auth) -> None:
    strategy = auth(accounts.alice(agent, server))
    first = strategy.build_headers(organizations(server))
    server.expire_access_tokens()
    assert not accepted(organizations(server), first)
    strategy.refresh(first["Authorization"])
    second = strategy.build_headers(organizations(server))
    assert accepted(organizations(server), second)
    asyncio.run(strategy.arefresh(first["Authorization"]))  # an old one brings no other refresh
    assert strategy.build_headers(organizations(server)) == second
    assert server.refreshes == 1


def test_the_event_loop_does_not_wait_for_the_agent(agent, server, auth) -> None:
    """What was prepared is served without anybody to ask."""
    strategy = auth(accounts.alice(agent, server), auto_start=False)

    async def connector() -> dict[str, str]:
        await strategy.prepare()
        agent.stop()
        strategy._fresh = 0.0  # as if the time had passed: renewed beside the loop, in vain
        return strategy.build_headers(organizations(server))

    try:
        assert accepted(organizations(server), asyncio.run(connector()))
        until(lambda: not strategy._kept, "end of what cannot be renewed")
        with pytest.raises(AccountManagerError):
            strategy.build_headers(organizations(server))
    finally:
        agent.start()


def test_what_is_old_is_renewed_beside_the_loop(agent, server, auth) -> None:
    strategy = auth(accounts.alice(agent, server), fresh=0.0)

    async def connector() -> None:
        await strategy.prepare()
        (before,) = strategy._kept.values()
        strategy.build_headers(organizations(server))
        await asyncio.to_thread(
            until, lambda: before not in strategy._kept.values() and strategy._kept, "newer headers"
        )

    asyncio.run(connector())


def test_a_signed_out_account_is_soon_no_longer_served(agent, server, auth) -> None:
    strategy = auth(accounts.alice(agent, server), fresh=0.0)
    account = agent.call("accounts.list")["accounts"][0]["id"]
    strategy.build_headers(organizations(server))
    agent.call("accounts.remove", account=account, revoke=False)
    with pytest.raises(AccountNotFound):
        strategy.build_headers(organizations(server))


def test_random_requests_are_signed_over_the_socket(agent, server, auth) -> None:
    """Path and hash go to the agent, a signature comes back, and the stand-in verifies it."""
    account, _ = accounts.key(agent, server, "secure_key", "flux")
    strategy = auth(account)
    with httpx.Client(trust_env=False) as http:
        for url, body, method in random_requests(100):
            here = server.flux_url + "/v1/" + url.partition("/v1/")[2]
            sent = http.build_request(method, here, content=body)
            headers = strategy.build_headers(Request(str(sent.url), method, body))
            assert headers.keys() == {"Authorization", "Date"}
            sent.headers.update(headers)
            assert http.send(sent).status_code != 401, url


def test_the_private_key_never_crosses_the_socket(agent, server) -> None:
    account, secret = accounts.key(agent, server, "secure_key", "flux")
    private = serialization.load_der_private_key(base64.b64decode(secret), password=None)
    scalar = private.private_numbers().private_value.to_bytes(32, "big")
    (stored,) = server.keys.listed("flux")
    said = []
    with agent.connect() as wire:
        for asked in (
            ("accounts.list", {}),
            ("accounts.get", {"account": account}),
            (
                "request.headers",
                {"account": account, "method": "GET", "url": server.flux_url + "/v1/a"},
            ),
            ("token.get", {"account": account}),
            ("token.refresh", {"account": account, "rejected": "0" * 64}),
            ("token.variables", {"account": account}),
        ):
            wire.send(frame(asked[0], 1, **asked[1]))
            said.append(wire.line())
    assert b"Secure" in said[2]
    assert stored.public_key.encode() in said[2]
    assert all(b'"error"' in each for each in said[3:])
    for form in (secret.encode(), base64.b64encode(scalar)[:40], scalar.hex().encode()):
        assert not any(form in each for each in said)


def test_the_password_is_nowhere_afterwards(agent, server) -> None:
    """In no file of the agent, its keychain or its output, whatever became of the sign-in."""
    account = accounts.alice(agent, server)
    begun = agent.call("sign_in.begin", server=server.url, form="password")
    for faults in (
        {"unavailable": {"login": 500}}, {"captive_portal": "page"}, {"lost_answers": 1},
        {"rate_limited": {"login": "7"}},
    ):  # fmt: skip
        server.change_faults(**faults)
        fields = {"email": "alice@example.com", "password": accounts.PASSWORD}
        refused = agent.refusal("sign_in.submit", sign_in=begun["sign_in"], fields=fields)
        assert accounts.PASSWORD not in f"{refused} {refused.message} {refused.hint}"
        server.change_faults(unavailable={}, captive_portal="", lost_answers=0, rate_limited={})
    agent.call("sign_in.cancel", sign_in=begun["sign_in"])
    listed = agent.call("accounts.get", account=account)
    assert accounts.PASSWORD not in str([listed, agent.call("sign_in.list")])
    looked = 0
    for folder in (agent.home, agent.session.folder):
        for file in folder.rglob("*"):
            if file.is_file():
                looked += 1
                assert accounts.PASSWORD.encode() not in file.read_bytes(), file
    assert looked > 3
