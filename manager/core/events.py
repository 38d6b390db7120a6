"""Past facts that front doors and connectors hear about."""

from __future__ import annotations

from dataclasses import dataclass

from .account import Account


@dataclass(frozen=True, slots=True)
class AccountAdded:
    account: Account


@dataclass(frozen=True, slots=True)
class AccountUpdated:
    account: Account


@dataclass(frozen=True, slots=True)
class AccountRemoved:
    account: Account


@dataclass(frozen=True, slots=True)
class DefaultChanged:
    """`account` is the default now, `scope` is `overall` or a server's address."""

    account: Account
    scope: str


@dataclass(frozen=True, slots=True)
class AttentionRaised:
    """Only the person can go on with this account."""

    account: Account


@dataclass(frozen=True, slots=True)
class SignInProgressed:
    """For the control socket only. `status`: waiting, succeeded, failed, cancelled, expired."""

    sign_in: str
    status: str
    message: str = ""
    hint: str = ""
    account_id: str | None = None


AccountEvent = AccountAdded | AccountUpdated | AccountRemoved | DefaultChanged | AttentionRaised
Event = AccountEvent | SignInProgressed
