"""Who is it that answered, and what does that say?"""

from __future__ import annotations

import pytest

from manager.core.errors import AnswerLost, ProviderError, RateLimited, ServerUnreachable
from manager.providers.http_answer import HttpAnswer
from manager.providers.no_verdict import no_verdict, trouble_of

CANARY = "kanarienvogel"
WORDS = f'{{"error": "{CANARY}"}}'.encode()
PAGE = f"<html>{CANARY}</html>".encode()


def answer(status: int, body: bytes = PAGE, **headers: str) -> HttpAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, named, body, "https://acme.example/token")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, RateLimited),
        (408, ServerUnreachable),
        (425, ServerUnreachable),
        (500, ServerUnreachable),
        (503, ServerUnreachable),
        (502, AnswerLost),
        (504, AnswerLost),
    ],
)
@pytest.mark.parametrize("body", [WORDS, PAGE])
def test_trouble_is_trouble_whatever_is_said(status: int, kind: type, body: bytes) -> None:
    error = no_verdict(answer(status, body, retry_after="7"), 0.0, "Acme")
    assert type(error) is kind
    assert error.retry_after == 7
    assert CANARY not in error.message + error.hint


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404])
def test_everything_else_is_no_trouble(status: int) -> None:
    assert trouble_of(answer(status), 0.0) is None


@pytest.mark.parametrize(
    ("status", "body", "own_words", "kind"),
    [
        (200, PAGE, None, AnswerLost),
        (200, WORDS, False, AnswerLost),
        (401, WORDS, None, ProviderError),
        (401, PAGE, None, ServerUnreachable),
        (401, WORDS, False, ServerUnreachable),
        (302, b"", None, ServerUnreachable),
    ],
)
def test_who_answered(status: int, body: bytes, own_words: bool | None, kind: type) -> None:
    error = no_verdict(answer(status, body), 0.0, "Acme", own_words=own_words)
    assert type(error) is kind
    assert CANARY not in error.message + error.hint
