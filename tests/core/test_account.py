from __future__ import annotations

from manager.core.account import Account, Defaults, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason


def test_a_change_of_state_is_a_new_revision() -> None:
    account = Account("1", "oidc", Server("https://s", "S"), Identity("sub", "a@s", "A"))
    needing = account.moved_to(AttentionNeeded(AttentionReason.REFRESH_REFUSED))
    assert needing.revision == account.revision + 1
    assert account.state != needing.state


def test_defaults_forget_an_account_everywhere() -> None:
    defaults = Defaults("1").with_server("https://s", "1").with_server("https://t", "2")
    assert defaults.for_server("https://s") == "1"
    assert defaults.without("1") == Defaults(None, (("https://t", "2"),))


def test_a_default_goes_with_its_server() -> None:
    chosen = Defaults("b").with_server("https://old", "a")
    moved = chosen.moved("a", "https://old", "https://new")
    assert moved == Defaults("b").with_server("https://new", "a")
    assert chosen.moved("b", "https://old", "https://new") is chosen
    taken = chosen.with_server("https://new", "b").moved("a", "https://old", "https://new")
    assert (taken.for_server("https://new"), taken.for_server("https://old")) == ("b", None)
