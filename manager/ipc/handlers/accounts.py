"""`accounts.*`: who is signed in where."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from manager.core.account import Account
from manager.core.errors import AccountNotFound, InvalidRequest
from manager.core.ports import Clock
from manager.core.server_address import canonical
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.limits import PAGE
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.avatars import AvatarsService
from manager.services.sign_out import SignOut
from manager.services.verification import Verification


class AccountsHandlers:
    def __init__(
        self,
        accounts: AccountsService,
        avatars: AvatarsService,
        sign_out: SignOut,
        verification: Verification,
        gatekeeper: Gatekeeper,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._avatars = avatars
        self._sign_out = sign_out
        self._verification = verification
        self._gatekeeper = gatekeeper
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {
            "accounts.list": self.list,
            "accounts.get": self.get,
            "accounts.avatar": self.avatar,
            "accounts.set_default": self.set_default,
            "accounts.remove": self.remove,
            "accounts.verify": self.verify,
        }

    def list(self, session: Session, params: Any) -> dict[str, Any]:
        url = None if params.server is None else canonical(params.server)
        shown = [
            account
            for account in self._accounts.all()
            if (url is None or account.server.answers_to(url))
            and params.provider in (None, account.provider)
            and self._gatekeeper.sees(session, account)
        ]
        start = _cursor(params.cursor)
        size = PAGE if params.limit is None else max(1, min(params.limit, PAGE))
        page = shown[start : start + size]
        more = start + size < len(shown)
        return {
            "accounts": [self._message(account) for account in page],
            "cursor": str(start + size) if more else None,
        }

    def get(self, session: Session, params: Any) -> dict[str, Any]:
        return self._message(self._seen(session, params.account))

    async def avatar(self, session: Session, params: Any) -> dict[str, Any]:
        picture = await self._avatars.get(self._seen(session, params.account).id)
        if picture is None:
            raise AccountNotFound("This account has no picture.", hint="Show the initials instead.")
        return {
            "media_type": picture.media_type,
            "base64": base64.b64encode(picture.content).decode(),
        }

    async def set_default(self, session: Session, params: Any) -> dict[str, Any]:
        account = await self._accounts.set_default(params.account, params.for_)
        return {"account": account.id}

    async def remove(self, session: Session, params: Any) -> dict[str, Any]:
        revoke = params.revoke is not False
        revoked = await self._sign_out.remove(params.account, revoke=revoke)
        return {"account": params.account, "revoked": revoked}

    async def verify(self, session: Session, params: Any) -> dict[str, Any]:
        verdict = await self._verification.verify(params.account)
        return {
            "verdict": "signed_in" if verdict.signed_in else "signed_out",
            "message": verdict.message or None,
            "account": self._message(verdict.account),
        }

    def _seen(self, session: Session, account_id: str) -> Account:
        account = self._accounts.holding(account_id).account
        if not self._gatekeeper.sees(session, account):
            raise AccountNotFound("This account is not signed in (any more).")
        return account

    def _message(self, account: Account) -> dict[str, Any]:
        holding = self._accounts.holding(account.id)
        return account_message(holding, self._accounts.defaults, self._clock.now())


def _cursor(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isdecimal() or len(text) > 9:
        raise InvalidRequest("This cursor was not given by Account Manager.")
    return int(text)
