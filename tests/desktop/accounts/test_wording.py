"""A person's words for how long an account is good and what signing out does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from manager.desktop.account import Account, State
from manager.desktop.accounts.wording import (
    attention_sentence,
    moment,
    role_words,
    scope_words,
    signed_out_sentence,
    validity,
)

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ALICE = Account(
    id="1", provider="oidc", server_url="https://id.example", server_name="Example",
    identity="alice@example.org", name="Alice", state=State.SIGNED_IN,
    expires_at=int((NOW + timedelta(minutes=92)).timestamp()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (ALICE, ("Valid until 14:32", "Renews by itself")),
        (replace(ALICE, renews=False), ("Valid until 14:32", "Then you sign in again")),
        (replace(ALICE, expires_at=None), ("Valid until the server ends it", "Renews by itself")),
        (
            replace(ALICE, expires_at=int(NOW.timestamp()) - 5),
            ("Renewing", "A fresh one is fetched by itself."),
        ),
        (
            replace(ALICE, expires_at=int(NOW.timestamp()) - 5, state=State.AWAY),
            ("Waiting for the server", "Renews by itself as soon as the server answers."),
        ),
        (
            replace(ALICE, expires_at=int(NOW.timestamp()), renews=False),
            ("Run out", "Sign in again to go on."),
        ),
        (
            replace(ALICE, state=State.ATTENTION),
            ("Not valid", "Programs get no tokens until you sign in again."),
        ),
    ],
)
def test_validity(account: Account, words: tuple[str, str]) -> None:
    assert validity(account, NOW) == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=2), "15:00"),
        (timedelta(hours=12), "tomorrow 01:00"),
        (timedelta(days=10), "3 December, 13:00"),
        (timedelta(days=60), "22 January 2027, 13:00"),
    ],
)
def test_moment(ahead: timedelta, words: str) -> None:
    assert moment(NOW + ahead, NOW) == words


def test_every_reason_of_the_agent_has_a_sentence() -> None:
    from manager.core.account_state import AttentionReason

    unknown = attention_sentence(replace(ALICE, reason="never heard of"))
    for reason in AttentionReason:
        assert attention_sentence(replace(ALICE, reason=reason.value)) != unknown
    assert "Example" in unknown


def test_unknown_scopes_keep_their_own_name() -> None:
    assert scope_words("streams:read") == "See projects"
    assert scope_words("acme:launch") == "acme:launch"


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("charts.write", "Change charts"),
        ("read:api_keys", "See api keys"),
        ("flows:execute", "Run flows"),
        ("read:write", "read:write"),
        ("read:", "read:"),
        ("a:b:read", "a:b:read"),
        ("read", "read"),
    ],
)
def test_a_scope_that_says_what_it_allows_is_said_in_words(scope: str, words: str) -> None:
    assert scope_words(scope) == words


@pytest.mark.parametrize(
    ("role", "words"),
    [("server:admin", "Admin"), ("content_editor", "Content editor"), ("Owner", "Owner"),
     ("", ""), ("team:", "team:")],
)  # fmt: skip
def test_roles_are_the_servers_own_words(role: str, words: str) -> None:
    assert role_words(role) == words


@pytest.mark.parametrize("revoked", [True, False, "unreachable"])
def test_signing_out_says_what_happened(revoked: object) -> None:
    told = {signed_out_sentence("Alice", "Example", one) for one in (True, False, "unreachable")}
    assert len(told) == 3
    assert "Alice" in signed_out_sentence("Alice", "Example", revoked)
