"""Accounts of a FoxNose stand-in, signed in through the agent's own sockets."""

from __future__ import annotations

from typing import Any

from manager.practice.foxnose_server import FoxNoseServer
from tests.hardship.running_agent import RunningAgent

PASSWORD = "correct horse battery staple canary"


def sign_in(agent: RunningAgent, server: FoxNoseServer, form: str, **fields: str) -> str:
    """The account's id."""
    begun = agent.call("sign_in.begin", server=server.url, form=form)
    place = {"environment": server.environment, "flux_url": server.flux_url}
    done = agent.call("sign_in.submit", sign_in=begun["sign_in"], fields={**place, **fields})
    account: str = done["account"]["id"]
    return account


def alice(agent: RunningAgent, server: FoxNoseServer) -> str:
    return sign_in(agent, server, "password", email="alice@example.com", password=PASSWORD)


def key(agent: RunningAgent, server: FoxNoseServer, form: str, api: str) -> tuple[str, str]:
    """An account of a new key: its id and the key's secret half."""
    stored, secret = server.new_key(api)
    half = "private_key" if form == "secure_key" else "secret_key"
    typed: dict[str, Any] = {"public_key": stored.public_key, half: secret, "api": api}
    return sign_in(agent, server, form, api_prefix=server.api_prefix, **typed), secret


def bearer(agent: RunningAgent, server: FoxNoseServer) -> str:
    stored, _ = server.new_key("flux")
    token = server.keys.issue_bearer(stored, server.now())
    return sign_in(agent, server, "bearer_token", bearer_token=token)
