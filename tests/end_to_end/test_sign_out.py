"""Signing out ends the sign-in at the server, and forgets it here whatever the server says."""

from __future__ import annotations

from typing import Any

import pytest

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer
from tests.end_to_end.resource_server import accepted, active_user
from tests.end_to_end.stage import OUR_CLIENT, Stage
from tests.real_parts.openid_provider import OpenIdProvider

pytestmark = [pytest.mark.real, pytest.mark.whole]


def sign_out(stage: Stage, account: dict[str, Any]) -> object:
    """What the command says of the server; here nothing may be left."""
    said = stage.command("logout", account["id"])
    assert stage.command("accounts")["accounts"] == []
    assert stage.keychain.items() == []
    with stage.connector("token", account=account["id"]) as connector:
        assert connector.says()["error"] == "account_not_found"
    return said["revoked"]


def token(stage: Stage, server_url: str) -> str:
    with stage.connector("token", server=server_url) as connector:
        return connector.token().access_token


def test_a_practice_server_ends_everything(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    server = authorization_server
    account = stage.sign_in("alice", server.url, *OUR_CLIENT)
    last = token(stage, server.url)
    assert accepted(server, last)

    assert sign_out(stage, account) is True
    assert not accepted(server, last)
    assert server.live_refresh_tokens() == []


def test_a_real_provider_ends_everything(stage: Stage, real_provider: OpenIdProvider) -> None:
    client = ("--client-id", real_provider.client_id)
    account = stage.sign_in("ada", real_provider.issuer, *client)
    last = token(stage, real_provider.issuer)
    assert real_provider.introspect(last)["active"] is True

    assert sign_out(stage, account) is True
    assert real_provider.introspect(last) == {"active": False}
    real_provider.wait_for("refresh_token_revoked")


def test_a_speckle_server_refuses_the_token_from_then_on(
    stage: Stage, speckle_server: SpeckleServer
) -> None:
    stage.register_schemes()
    account = stage.sign_in("alice", speckle_server.url)
    last = token(stage, speckle_server.url)
    assert active_user(speckle_server, last) == (200, "alice@example.com")

    assert sign_out(stage, account) is True
    assert active_user(speckle_server, last) == (403, "")


def test_without_the_server_the_account_goes_all_the_same(
    stage: Stage, authorization_server: AuthorizationServer
) -> None:
    account = stage.sign_in("alice", authorization_server.url, *OUR_CLIENT)
    authorization_server.stop()
    assert sign_out(stage, account) == "unreachable"
