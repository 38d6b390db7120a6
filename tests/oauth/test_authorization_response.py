from __future__ import annotations

import pytest

from manager.core.errors import InvalidRequest, ProviderError, ServerUnreachable, SignInDenied
from manager.oauth.authorization_response import ExpectedAnswer, authorization_code

ASKED = ExpectedAnswer(state="st4te", issuer="https://as.example")
PROMISED = ExpectedAnswer(state="st4te", issuer="https://as.example", iss_required=True)


def test_a_code_from_the_server_that_was_asked():
    answer = {"code": "c0de", "state": "st4te", "iss": "https://as.example"}
    assert authorization_code(answer, PROMISED).reveal() == "c0de"
    assert authorization_code({"code": "c0de", "state": "st4te"}, ASKED).reveal() == "c0de"


@pytest.mark.parametrize("outcome", [{"code": "c0de"}, {"error": "access_denied"}])
@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ({}, ASKED),
        ({"state": ""}, ASKED),
        ({"state": "other"}, ASKED),
        ({"state": "stat\u00e9"}, ASKED),
        ({"state": "st4te"}, PROMISED),
        ({"state": "st4te", "iss": ""}, ASKED),
        ({"state": "st4te", "iss": "https://as.example/"}, ASKED),
        ({"state": "st4te", "iss": "https://AS.example"}, ASKED),
        ({"state": "st4te", "iss": "https://evil.example"}, PROMISED),
    ],
)
def test_an_answer_of_somebody_else_is_refused_whatever_it_says(outcome, sender, expected):
    with pytest.raises(InvalidRequest):
        authorization_code(outcome | sender, expected)


@pytest.mark.parametrize("outcome", [{}, {"code": ""}, {"code": "a", "error": "access_denied"}])
def test_an_answer_says_either_yes_or_no(outcome):
    with pytest.raises(InvalidRequest):
        authorization_code(outcome | {"state": "st4te"}, ASKED)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("login_required", SignInDenied),
        ("server_error", ServerUnreachable),
        ("temporarily_unavailable", ServerUnreachable),
        ("invalid_scope", ProviderError),
        ("unauthorized_client", ProviderError),
    ],
)
def test_a_no_says_who_can_act(code, error):
    with pytest.raises(error, match=code) as refused:
        authorization_code({"error": code, "state": "st4te"}, ASKED)
    assert refused.value.hint


def test_a_persons_no_is_said_in_a_persons_words():
    with pytest.raises(SignInDenied, match="not allowed in the browser") as refused:
        authorization_code({"error": "access_denied", "state": "st4te"}, ASKED)
    assert "access_denied" not in str(refused.value)


def test_the_servers_words_cannot_reorder_the_sentence():
    with pytest.raises(ProviderError) as refused:
        authorization_code({"error": "x\u202ey" + "z" * 500, "state": "st4te"}, ASKED)
    assert "\u202e" not in str(refused.value)
    assert len(str(refused.value)) < 200
