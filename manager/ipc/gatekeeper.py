"""Consent at the socket: every account in every answer and event passes through one decision."""

from __future__ import annotations

from manager.core.account import Account
from manager.core.connector import Connector
from manager.core.consent import Capability, ConsentMode, Verdict, decide
from manager.core.errors import ConsentDenied

from .session import Session

_UNNAMED = Connector(name="")


class Gatekeeper:
    """The control socket belongs to the person's own front doors and is not asked; tokens are
    not handed out there unless the connectors' decision allows it."""

    def __init__(self, mode: ConsentMode) -> None:
        self.mode = mode

    def sees(self, session: Session, account: Account) -> bool:
        """Whether this peer may know of this account."""
        return session.control or self._allowed(session, account, Capability.SEE_ACCOUNTS)

    def require_any(self, session: Session) -> None:
        """Before anything is looked up: who may use no account at all learns of none. Raises
        ConsentDenied."""
        if self.mode is ConsentMode.DENY:
            raise self._denied(session, "accounts")

    def require(self, session: Session, account: Account, capability: Capability) -> None:
        """Raises ConsentDenied."""
        if not self._allowed(session, account, capability):
            raise self._denied(session, account.identity.label)

    def _denied(self, session: Session, what: str) -> ConsentDenied:
        name = session.connector.name if session.connector else "This program"
        return ConsentDenied(
            f"{name} is not allowed to use {what}.",
            hint="The agent was started so that no program gets tokens.",
        )

    def _allowed(self, session: Session, account: Account, capability: Capability) -> bool:
        connector = session.connector or _UNNAMED
        return decide(self.mode, connector, account, capability) is Verdict.ALLOW
