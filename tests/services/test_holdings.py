from __future__ import annotations

from dataclasses import replace

from manager.core.account import Account, Identity, Server
from manager.services.holdings import Holding, Holdings


def account(name: str, url: str) -> Account:
    return Account(name, "oidc", Server(url, "S"), Identity(name, f"{name}@s", name))


def holdings(*accounts: Account) -> Holdings:
    made = Holdings()
    for each in accounts:
        made.keep(Holding(each))
    return made


BOB, ALICE, EVE = account("b", "https://s"), account("a", "https://s"), account("e", "https://r")


def test_in_order_of_server_and_identity() -> None:
    made = holdings(BOB, ALICE, EVE)
    assert made.in_order() == [EVE, ALICE, BOB]
    assert made.at_server("https://s") == [ALICE, BOB]
    assert made.at_server("https://nowhere") == []
    assert len(made) == 3


def test_a_change_moves_an_account_to_where_it_belongs_now() -> None:
    made = holdings(BOB, ALICE, EVE)
    assert made.in_order()[0] is EVE
    holding = made.get("e")
    assert holding is not None
    moved = replace(EVE, server=Server("https://s", "S"))
    made.change(holding, moved)
    assert made.get("e") is holding
    assert holding.account is moved
    assert made.in_order() == made.at_server("https://s") == [ALICE, BOB, moved]
    assert made.at_server("https://r") == []


def test_what_was_dropped_does_not_come_back_with_a_late_change() -> None:
    made = holdings(BOB, ALICE)
    holding = made.get("b")
    assert holding is not None
    made.drop("b")
    made.drop("b")
    made.change(holding, replace(BOB, revision=2))
    assert made.get("b") is None
    assert made.in_order() == made.at_server("https://s") == [ALICE]
    assert [each.account for each in made.all()] == [ALICE]


def test_a_server_that_moved_is_found_by_both_addresses() -> None:
    made = holdings(BOB, EVE)
    holding = made.get("e")
    assert holding is not None
    moved = replace(EVE, server=Server("https://s", "S", moved_from="https://r"))
    made.change(holding, moved)
    assert made.at_server("https://r") == [moved]
    assert made.at_server("https://s") == [BOB, moved]
    made.drop("e")
    assert made.at_server("https://r") == []
    assert made.at_server("https://s") == [BOB]
