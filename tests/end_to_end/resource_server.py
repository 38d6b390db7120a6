"""Whether a server's own API takes a token, asked over HTTP as any connector does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from manager.practice.authorization_server.server import AuthorizationServer
from manager.practice.speckle_server import SpeckleServer


def accepted(server: AuthorizationServer, token: str) -> bool:
    """By the userinfo endpoint (OIDC Core 5.3)."""
    status, _ = _asked(server.url + "/userinfo", token)
    assert status in (200, 401)
    return status == 200


def active_user(server: SpeckleServer, token: str) -> tuple[int, str]:
    """What a Speckle connector asks first: the status, and whose token it is."""
    status, body = _asked(
        f"{server.url}/graphql", token, {"query": "query { activeUser { email } }"}
    )
    return status, json.loads(body)["data"]["activeUser"]["email"] if status == 200 else ""


def _asked(url: str, token: str, question: object = None) -> tuple[int, bytes]:
    request = urllib.request.Request(
        url,
        None if question is None else json.dumps(question).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, b""
