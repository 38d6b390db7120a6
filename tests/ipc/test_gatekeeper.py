from __future__ import annotations

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.connector import Connector
from manager.core.consent import Capability, ConsentMode
from manager.core.errors import ConsentDenied
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session

ACCOUNT = Account(
    "a", "oidc", Server("https://as.example", "AS"), Identity("subject-1", "ada@example", "Ada")
)


def session(*, control: bool = False, name: str | None = "ci") -> Session:
    connector = None if name is None else Connector(name)
    return Session("s", control, None, 0, lambda *_: None, connector)


@pytest.mark.parametrize("name", ["ci", "", None])
@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize("capability", Capability)
def test_allow_lets_everybody_in(name: str | None, control: bool, capability: Capability) -> None:
    gatekeeper, peer = Gatekeeper(ConsentMode.ALLOW), session(control=control, name=name)
    gatekeeper.require_any(peer)
    gatekeeper.require(peer, ACCOUNT, capability)
    assert gatekeeper.sees(peer, ACCOUNT)


@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize("capability", Capability)
def test_deny_hands_nothing_out_at_either_socket(control: bool, capability: Capability) -> None:
    gatekeeper, peer = Gatekeeper(ConsentMode.DENY), session(control=control)
    with pytest.raises(ConsentDenied):
        gatekeeper.require_any(peer)
    with pytest.raises(ConsentDenied):
        gatekeeper.require(peer, ACCOUNT, capability)


def test_the_persons_own_front_doors_see_accounts_whatever_the_mode() -> None:
    gatekeeper = Gatekeeper(ConsentMode.DENY)
    assert gatekeeper.sees(session(control=True), ACCOUNT)
    assert gatekeeper.sees(session(control=True, name=None), ACCOUNT)
    assert not gatekeeper.sees(session(), ACCOUNT)
    assert not gatekeeper.sees(session(name=None), ACCOUNT)


def test_who_may_use_no_account_learns_of_none() -> None:
    with pytest.raises(ConsentDenied) as denied:
        Gatekeeper(ConsentMode.DENY).require_any(session())
    assert denied.value.message == "ci is not allowed to use accounts."
    for known in ("ada", "subject-1", "as.example"):
        assert known not in denied.value.message + denied.value.hint


def test_a_denial_names_the_program_and_the_way_out() -> None:
    with pytest.raises(ConsentDenied) as denied:
        Gatekeeper(ConsentMode.DENY).require(session(), ACCOUNT, Capability.GET_TOKENS)
    assert denied.value.message == "ci is not allowed to use ada@example."
    assert "started" in denied.value.hint
    with pytest.raises(ConsentDenied, match=r"^This program"):
        Gatekeeper(ConsentMode.DENY).require(session(name=None), ACCOUNT, Capability.GET_TOKENS)
