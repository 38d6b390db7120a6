"""May this connector do that with this account? Every answer of the agent passes through here."""

from __future__ import annotations

from enum import StrEnum

from .account import Account
from .connector import Connector


class Capability(StrEnum):
    SEE_ACCOUNTS = "see_accounts"
    GET_TOKENS = "get_tokens"
    SIGN_REQUESTS = "sign_requests"


class ConsentMode(StrEnum):
    """How the agent was started. Asking the person comes with its own issue."""

    ALLOW = "allow"
    DENY = "deny"


class Verdict(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


def decide(
    mode: ConsentMode, connector: Connector, account: Account, capability: Capability
) -> Verdict:
    """The one decision. With `--consent=allow` every program of the same user is let in, and
    every surface says so; a connector of another user never gets here (the socket refuses it)."""
    del connector, account, capability
    return Verdict.ALLOW if mode is ConsentMode.ALLOW else Verdict.DENY
