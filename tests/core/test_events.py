"""Events are past facts: values that no subscriber can change, and that hold no secret."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.events import (
    AccountAdded,
    AccountEvent,
    AccountRemoved,
    AccountUpdated,
    AttentionRaised,
    DefaultChanged,
    Event,
    SignInProgressed,
)

ACCOUNT = Account("a", "oidc", Server("https://as.example", "AS"), Identity("s", "l", "n"))
EVENTS = [
    AccountAdded(ACCOUNT),
    AccountUpdated(ACCOUNT),
    AccountRemoved(ACCOUNT),
    DefaultChanged(ACCOUNT, "overall"),
    AttentionRaised(ACCOUNT),
    SignInProgressed("s", "waiting"),
]


def test_these_are_all() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert set(get_args(Event)) - set(get_args(AccountEvent)) == {SignInProgressed}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_subscriber_cannot_change_one(event: Event) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(event, fields(event)[0].name, None)


def test_equal_facts_of_another_kind_are_another_fact() -> None:
    assert AccountAdded(ACCOUNT) == AccountAdded(ACCOUNT)
    assert AccountAdded(ACCOUNT) != AccountUpdated(ACCOUNT)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_none_carries_a_secret(event: Event) -> None:
    kinds = {str(each.type) for each in (*fields(event), *fields(Account))}
    assert not any("Secret" in kind or "Credential" in kind for kind in kinds)
