"""What answers mean, and that no server's words reach a message."""

from __future__ import annotations

import json

import pytest

from manager.core.errors import (
    AnswerLost,
    CredentialsRefused,
    ProviderError,
    ScopeNotGranted,
    ServerUnreachable,
)
from manager.providers.http_answer import HttpAnswer
from manager.providers.magnet_ai.answers import fulfilled, missing_scopes, no_verdict, refusal

CANARY = "kanarienvogel"


def answer(status: int, body: object) -> HttpAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status, {}, raw, "https://magnet.example/api/agents")


@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        ({"success": False, "error": "x", "required_scope": "agents:write"}, ("agents:write",)),
        ({"required_scope": "admin"}, ("admin",)),
        ({"error": "Missing permission(s): read:agents, write:agents"},
         ("read:agents", "write:agents")),
        ({"error": "API key missing required scope: write:datasets"}, ("write:datasets",)),
        ({"error": "Requires one of permissions: read:audit"}, ("read:audit",)),
        ({"error": f"Missing permission(s): {CANARY}"}, ()),
        ({"required_scope": f"agents:write {CANARY}"}, ()),
        ({"required_scope": 7}, ()),
        ({"error": "Insufficient permissions"}, ()),
    ],
)  # fmt: skip
def test_missing_scopes(body, scopes):
    assert missing_scopes(answer(403, body)) == scopes
    assert missing_scopes(answer(200, body)) == ()


def test_a_403_names_the_scope_in_its_sentence():
    error = refusal(answer(403, {"required_scope": "agents:write"}))
    assert isinstance(error, ScopeNotGranted)
    assert "agents:write" in error.message
    assert "agents:write" in error.hint
    assert "magnet.example" in error.message


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": CANARY}, CredentialsRefused),
        (401, b"<html>who are you?</html>", ServerUnreachable),
        (403, {"error": CANARY}, ProviderError),
        (403, b"<html>forbidden</html>", ServerUnreachable),
        (200, b"<html>Welcome to the hotel</html>", AnswerLost),
        (302, b"", ServerUnreachable),
        (404, {"error": CANARY}, ProviderError),
        (502, b"", AnswerLost),
        (503, b"", ServerUnreachable),
    ],
)
def test_other_refusals(status, body, kind):
    error = refusal(answer(status, body))
    assert type(error) is kind
    assert CANARY not in error.message + error.hint
    assert CANARY not in str(no_verdict(answer(status, body)))


def test_fulfilled():
    assert fulfilled(answer(201, {"a": 1})) == {"a": 1}
    assert fulfilled(answer(200, [1])) is None
    assert fulfilled(answer(401, {"a": 1})) is None
