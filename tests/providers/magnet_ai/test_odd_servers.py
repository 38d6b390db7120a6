"""Whatever a server answers: an error of ours, never its words, and never a sign-out by mistake."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import AccountManagerError, RefreshRefused
from manager.core.provider import SignInRequest
from manager.core.provider_abilities import SignedOutThere
from manager.core.secret import Secret
from manager.providers.http_answer import HttpAnswer
from manager.providers.magnet_ai import MagnetAiProvider
from tests.providers.magnet_ai.conftest import TestClock

CANARY = "kanarienvogel"
"""What the server says."""
TYPED_CANARY = "wellensittich"
SERVER = Server("https://magnet.example", "magnet.example")
WHO = Identity("1", "a@b.example", "Ada")
CREDENTIALS: dict[str, tuple[Credential, ...]] = {
    "seed": (
        SessionToken(Secret("t"), renewal_endpoint="https://magnet.example/x", dialect="seed"),
        SessionToken(None, cookies=(("s", Secret("c")),), dialect="seed"),
    ),
    "0.6": (ApiKey(Secret("k"), "x-api-key", "", key_id="7", dialect="0.6"),),
    "v2": (
        SessionToken(Secret("t"), refresh_token=Secret("r"), dialect="v2"),
        ApiKey(Secret("k"), "x-api-key", "", key_id="7", dialect="v2"),
    ),
}
TYPED = {
    name: Secret(text)
    for name, text in {
        "username": "u", "email": "e@f.example", "password": TYPED_CANARY, "token": TYPED_CANARY,
        "api_key": TYPED_CANARY, "code": TYPED_CANARY, "name": "n",
    }.items()
}  # fmt: skip

words = st.sampled_from(
    ["INVALID_TOKEN", "TOKEN_EXPIRED", "AUTH_REQUIRED", "Unauthorized", "Invalid refresh token",
     "Missing permission(s): read:x", "agents:write", "local", CANARY, "", "a b", "9" * 400]
)  # fmt: skip
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words)
names = st.sampled_from(
    ["success", "data", "token", "expires_at", "code", "error", "required_scope", "user", "id",
     "email", "access_token", "mfa_required", "retryable", "roles", "scopes", "permissions",
     "name", "type", "displayName", "api_key", "message", "user_id", "created_at"]
)  # fmt: skip
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner), max_leaves=12
)
bodies = documents.map(lambda document: json.dumps(document).encode()) | st.binary(max_size=40)
header_names = st.sampled_from(
    ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]
)
header_values = st.sampled_from(["0", "1", "-1", "9" * 30, "1e9", "soon", "", "Thu, 99 Foo"])
answers = st.builds(
    lambda status, body, headers, cookies: HttpAnswer(
        status, headers, body, "https://magnet.example/api", tuple(cookies)
    ),
    st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503]),
    bodies,
    st.dictionaries(header_names, header_values),
    st.lists(st.sampled_from(["token=t", "refresh_token=r; Max-Age=9", "mfa_challenge=m", "=;;"])),
)


class Answering:
    """In the place of the network: gives the answers in turn, the last one for ever."""

    def __init__(self, given_answers: list[HttpAnswer]) -> None:
        self._answers = given_answers

    async def request(self, *_: Any, **__: Any) -> HttpAnswer:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def finished(doing: Awaitable[object]) -> object:
    """The result or the error of something that never really waits."""
    import asyncio

    async def wait() -> object:
        try:
            return await doing
        except AccountManagerError as error:
            for text in (error.message, error.hint, repr(error)):
                assert CANARY not in text
                assert TYPED_CANARY not in text
            return error

    return asyncio.run(wait())


def provider(given_answers: list[HttpAnswer]) -> MagnetAiProvider:
    return MagnetAiProvider(Answering(list(given_answers)), TestClock())


@pytest.mark.parametrize("dialect", CREDENTIALS)
@settings(max_examples=60, deadline=None)
@given(given_answers=st.lists(answers, min_size=1, max_size=3))
def test_nothing_else_than_our_errors(dialect: str, given_answers: list[HttpAnswer]) -> None:
    server = provider(given_answers)
    finished(server.probe(SERVER.url))
    for credential in CREDENTIALS[dialect]:
        for operation in (
            server.refresh(SERVER, WHO, credential),
            server.verify(SERVER, WHO, credential),
            server.revoke(SERVER, credential),
            server.list_credentials(SERVER, credential, "api_key"),
            server.list_credentials(SERVER, credential, "session"),
            server.create_credential(SERVER, WHO, credential, "api_key", TYPED),
            server.revoke_credential(SERVER, credential, "api_key", "7"),
        ):
            finished(operation)


@pytest.mark.parametrize("dialect", CREDENTIALS)
@settings(max_examples=60, deadline=None)
@given(given_answers=st.lists(answers, min_size=1, max_size=3))
def test_forms(dialect: str, given_answers: list[HttpAnswer]) -> None:
    server = provider(given_answers)
    forms = finished(server.probe_dialect(SERVER.url, dialect)).forms
    for form in forms:
        pending = finished(server.begin_form(SignInRequest(SERVER.url, dialect=dialect), form.id))
        for _ in range(2):
            result = finished(pending.submit(TYPED))
            assert TYPED_CANARY not in repr(pending)
            if not isinstance(result, AccountManagerError):
                assert TYPED_CANARY not in repr(result)


@settings(max_examples=200, deadline=None)
@given(answer=answers.filter(lambda each: each.status != 401))
def test_only_a_401_ends_anything(answer: HttpAnswer) -> None:
    for dialect, credentials in CREDENTIALS.items():
        for credential in credentials:
            verdict = finished(provider([answer]).verify(SERVER, WHO, credential))
            assert not isinstance(verdict, SignedOutThere)
        if dialect != "0.6":
            renewed = finished(provider([answer]).refresh(SERVER, WHO, credentials[0]))
            assert not isinstance(renewed, RefreshRefused)
