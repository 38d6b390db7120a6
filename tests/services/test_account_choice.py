from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.account import Account, Defaults, Identity, Server
from manager.core.errors import AccountNotFound, ChooseAccount, InvalidRequest
from manager.services.account_choice import choose


def account(name: str, url: str) -> Account:
    return Account(name, "oidc", Server(url, "S"), Identity(name, f"{name}@s", name))


ALICE, BOB, EVE = account("a", "https://s"), account("b", "https://s"), account("e", "https://t")
ALL = [ALICE, BOB, EVE]


@pytest.mark.parametrize(
    ("named", "server", "defaults", "chosen"),
    [
        ("b", None, Defaults("a"), BOB),
        (None, "https://t/", Defaults(), EVE),
        (None, "T", Defaults(), EVE),
        (None, "https://s", Defaults("e").with_server("https://s", "b"), BOB),
        (None, None, Defaults("e"), EVE),
    ],
)
def test_what_was_named_or_chosen(
    named: str | None, server: str | None, defaults: Defaults, chosen: Account
) -> None:
    assert choose(ALL, defaults, account=named, server=server) is chosen


@pytest.mark.parametrize(
    ("named", "server", "defaults", "error"),
    [
        ("x", None, Defaults(), AccountNotFound),
        (None, "https://u", Defaults("a"), AccountNotFound),
        (None, "https://s", Defaults("a"), ChooseAccount),
        (None, None, Defaults(), ChooseAccount),
        (None, "javascript:x", Defaults(), InvalidRequest),
        (None, "http://s", Defaults(), InvalidRequest),
    ],
)
def test_never_a_guess(
    named: str | None, server: str | None, defaults: Defaults, error: type[Exception]
) -> None:
    with pytest.raises(error):
        choose(ALL, defaults, account=named, server=server)


def test_one_account_is_no_choice_by_itself() -> None:
    with pytest.raises(ChooseAccount) as raised:
        choose([EVE], Defaults(), account=None, server=None)
    assert raised.value.choices == ({"account": "e", "identity": "e@s", "server": "https://t"},)


def test_nobody_signed_in() -> None:
    with pytest.raises(AccountNotFound):
        choose([], Defaults(), account=None, server=None)


def test_an_address_from_before_means_the_same_server() -> None:
    moved = replace(ALICE, server=Server("https://new", "S", moved_from="https://s"))
    alone, defaults = [moved, EVE], Defaults()
    assert choose(alone, defaults, account=None, server="https://s") is moved
    assert choose(alone, defaults, account=None, server="https://new") is moved
    both = [moved, BOB, EVE]
    with pytest.raises(ChooseAccount):
        choose(both, defaults, account=None, server="https://s")
    chosen = defaults.with_server("https://new", "a")
    assert choose(both, chosen, account=None, server="https://s") is moved
    chosen = chosen.with_server("https://s", "b")
    assert choose(both, chosen, account=None, server="https://s") is BOB
