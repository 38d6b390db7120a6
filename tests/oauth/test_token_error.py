from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.oauth.token_error import FINAL, TEMPORARY, token_error


def body(error):
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize("code", sorted(FINAL))
def test_these_words_are_final(status, code):
    verdict = token_error(status, body(code))
    assert verdict is not None
    assert verdict.is_final
    assert not verdict.is_temporary


@pytest.mark.parametrize("code", [*sorted(TEMPORARY), "Not Found", "Bad Request", "INVALID_GRANT"])
def test_these_words_are_not(code):
    verdict = token_error(400, body(code))
    assert verdict is not None
    assert not verdict.is_final


@pytest.mark.parametrize("status", [302, 408, 425, 429, 500, 502, 503, 504, 201])
def test_no_word_is_final_with_such_a_status(status):
    assert token_error(status, body("invalid_grant")) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>sign in to the hotel's network: invalid_grant</html>",
        b'"invalid_grant"',
        b'["error"]',
        b'{"error":{"message":"x","code":"RATE_LIMIT_ERROR"}}',
        b'{"error":""}',
        b'{"error":true}',
        b'{"message":"invalid_grant"}',
        b'{"error":"invalid_grant"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"access_token":"at","error":"invalid_grant"}',
    ],
)
def test_only_a_json_object_with_a_textual_error_speaks(content):
    assert token_error(400, content) is None


def test_the_code_is_made_fit_for_a_sentence():
    verdict = token_error(400, body("x\u202e\n" + "y" * 500))
    assert verdict is not None
    assert verdict.shown == "x" + "y" * 63


@given(st.integers(100, 599), st.binary())
def test_no_answer_raises(status, content):
    token_error(status, content)
