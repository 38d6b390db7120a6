"""Tokens are renewed by themselves, once each, and nobody ever holds a dead one."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from tests.end_to_end.connector import Given
from tests.end_to_end.resource_server import accepted
from tests.end_to_end.stage import OUR_CLIENT, Stage
from tests.real_parts.openid_provider import Lifetimes, OpenIdProvider
from tests.real_parts.waiting import until

pytestmark = [pytest.mark.real, pytest.mark.whole]

WANTED = 4.0
"""Seconds that the connector wants each token to live, of the 5 that the server gives."""


def ask_for(
    seconds: float,
    ask: Callable[[], Given],
    accepted: Callable[[str], bool],
    promise: float = WANTED,
) -> tuple[list[Given], int]:
    """Ask again and again; each token is tried at once, and again at the end of what was promised.

    `promise`: seconds that each must live. Returns the tokens as they came, and how many of them
    were tried a second time.
    """
    given: list[Given] = []
    promised: deque[Given] = deque()
    kept = 0
    end = time.time() + seconds
    while time.time() < end:
        token = ask()
        assert accepted(token.access_token), f"answer {len(given)} was dead on arrival"
        given.append(token)
        promised.append(token)
        while promised and time.time() > promised[0].asked_at + promise - 0.2:
            oldest = promised.popleft()
            # The promise counts from the moment of asking; later than that nothing is promised.
            alive = accepted(oldest.access_token)
            if time.time() < oldest.asked_at + promise:
                assert alive, "a token lived shorter than was promised"
                kept += 1
    return given, kept


def test_five_second_tokens_never_fail_a_connector(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    server.change_faults(lifetime=5)
    stage.sign_in("alice", server.url, *OUR_CLIENT)

    with stage.connector("renew", server=server.url, min_valid=WANTED) as connector:
        assert connector.says() == {"ready": True}
        given, kept = ask_for(25.0, connector.ask, lambda token: accepted(server, token))

    assert kept > 20, "hardly a token was tried at the end of its promise"
    tokens = list(dict.fromkeys(one.access_token for one in given))
    assert len(tokens) >= 15
    assert all(
        server.tokens.issued[one.access_token].expires_at >= one.asked_at + WANTED for one in given
    )
    stage.command("stop")
    stage.wait_until_all_ended()
    # Each request was a rotation, and no rotation was for nothing: the connector got every token,
    # but for that of the sign-in and of the background before it began to ask and after it ended.
    issued = [one for one in server.tokens.issued.values() if one.kind == "access"]
    assert server.token_requests("refresh_token") == len(issued) - 1
    assert len(issued) - 3 <= len(tokens)
    assert server.reuse_detected == 0
    assert len(server.live_refresh_tokens()) == 1


def test_five_second_tokens_are_renewed_when_nobody_asks(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    server.change_faults(lifetime=5)
    stage.sign_in("alice", server.url, *OUR_CLIENT)

    until(lambda: server.token_requests("refresh_token") >= 3, "third renewal", 25)

    before = server.token_requests("refresh_token")
    with stage.connector("token", server=server.url, min_valid=0) as connector:
        assert accepted(server, connector.token().access_token)
    assert server.token_requests("refresh_token") <= before + 1
    assert server.reuse_detected == 0


def test_the_same_at_the_server_of_another_maker(stage: Stage) -> None:
    provider = OpenIdProvider(stage.session, lifetimes=Lifetimes(access_token=5))
    stage.sign_in("ada", provider.issuer, "--client-id", provider.client_id)

    def alive(token: str) -> bool:
        return bool(provider.introspect(token)["active"])

    with stage.connector("renew", server=provider.issuer, min_valid=WANTED) as connector:
        assert connector.says() == {"ready": True}
        # It counts in whole seconds: a token of 5 s may end after a little more than 4.
        given, kept = ask_for(8.0, connector.ask, alive, promise=WANTED - 1)
    assert kept > 0
    tokens = {one.access_token for one in given}
    renewed = provider.count("token_issued", "refresh_token")
    assert len(tokens) - 1 <= renewed <= len(tokens) + 1
    provider.wait_for("token_issued", grant="refresh_token", times=renewed + 1)  # nobody asks now
    assert provider.count("grant_revoked") == provider.count("token_refused") == 0


def test_a_hundred_connectors_wake_up_with_an_expired_token(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    """As after a night in a closed laptop: the agent stood still while the token ran out."""
    server = authorization_server
    server.change_faults(lifetime=3)
    stage.sign_in("alice", server.url, *OUR_CLIENT)
    crowds = [stage.connector("crowd", server=server.url, connections=25) for _ in range(4)]
    try:
        assert [crowd.says() for crowd in crowds] == [{"ready": True}] * 4
        agent = stage.agent()
        os.kill(agent, signal.SIGSTOP)
        until(lambda: not server.live_access_tokens(), "end of the last token")
        # Slow enough that everybody waits for the same answer.
        server.change_faults(lifetime=3600, delay={"token": 1.0})
        before = server.token_requests("refresh_token")
        for crowd in crowds:
            crowd.tell()
        os.kill(agent, signal.SIGCONT)

        given = [crowd.token() for crowd in crowds for _ in range(25)]
    finally:
        for crowd in crowds:
            crowd.close()

    assert len(given) == 100
    assert len({hashlib.sha256(one.access_token.encode()).digest() for one in given}) == 1
    assert accepted(server, given[0].access_token)
    assert server.token_requests("refresh_token") == before + 1
    assert server.reuse_detected == 0
