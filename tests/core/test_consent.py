from __future__ import annotations

from itertools import product

import pytest

from manager.core.account import Account, Identity, Server
from manager.core.account_state import AttentionNeeded, AttentionReason
from manager.core.connector import Connector
from manager.core.consent import Capability, ConsentMode, Verdict, decide

ACCOUNT = Account("a", "oidc", Server("https://as.example", "AS"), Identity("s", "l", "n"))
CONNECTORS = [
    Connector(""),
    Connector("ci", "1.0"),
    Connector("account-manager", pid=1, uid=0, executable="/usr/bin/account-manager"),
    Connector("ci", origin="remote"),
]
ACCOUNTS = [ACCOUNT, ACCOUNT.moved_to(AttentionNeeded(next(iter(AttentionReason))))]


@pytest.mark.parametrize("mode", ConsentMode)
@pytest.mark.parametrize("capability", Capability)
def test_the_mode_decides_for_everybody_alike(mode: ConsentMode, capability: Capability) -> None:
    verdicts = {
        decide(mode, connector, account, capability)
        for connector, account in product(CONNECTORS, ACCOUNTS)
    }
    assert verdicts == {Verdict(mode.value)}


def test_what_is_on_the_wire_and_the_command_line() -> None:
    assert [mode.value for mode in ConsentMode] == ["allow", "deny"]
    assert [each.value for each in Capability] == ["see_accounts", "get_tokens", "sign_requests"]
