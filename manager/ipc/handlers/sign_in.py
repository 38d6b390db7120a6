"""`servers.*` and `sign_in.*`: the control socket's way to a new account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from manager.core.account import Account
from manager.core.catalogue import PresetServer
from manager.core.credential import ClientRegistration
from manager.core.ports import Clock
from manager.core.secret import Secret
from manager.ipc.account_messages import account_message
from manager.ipc.dispatcher import Handler
from manager.ipc.session import Session
from manager.services.accounts import AccountsService
from manager.services.pending_sign_in import PendingSignIn
from manager.services.sign_in import SignInService, WantedSignIn


class SignInHandlers:
    def __init__(
        self,
        sign_in: SignInService,
        accounts: AccountsService,
        presets: Callable[[], Sequence[PresetServer]],
        clock: Clock,
    ) -> None:
        self._sign_in = sign_in
        self._accounts = accounts
        self._presets = presets
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {
            "servers.list": self.presets,
            "servers.probe": self.probe,
            "sign_in.begin": self.begin,
            "sign_in.complete": self.complete,
            "sign_in.wait": self.wait,
            "sign_in.cancel": self.cancel,
            "sign_in.list": self.list,
        }

    def presets(self, session: Session, params: Any) -> dict[str, Any]:
        servers = [
            {"url": preset.url, "name": preset.name, "provider": preset.provider}
            for preset in self._presets()
        ]
        return {"servers": servers}

    async def probe(self, session: Session, params: Any) -> dict[str, Any]:
        probe = await self._sign_in.probe(params.url, params.provider)
        return {
            "provider": probe.provider,
            "name": probe.server.name,
            "url": probe.server.url,
            "sign_in_methods": probe.sign_in_methods,
            "redirect_methods": probe.redirect_methods,
            "needs": probe.needs,
            "redirect_uris": None if probe.redirect_uris is None else dict(probe.redirect_uris),
        }

    async def begin(self, session: Session, params: Any) -> dict[str, Any]:
        secret = params.client_secret
        client = (
            None
            if params.client_id is None
            else ClientRegistration(params.client_id, Secret(secret) if secret else None)
        )
        wanted = WantedSignIn(
            server=params.server,
            provider=params.provider,
            method=params.method,
            redirect=params.redirect,
            client=client,
            scopes=tuple(params.scopes or ()),
            account=params.account,
            select_account=bool(params.select_account),
        )
        return _message(await self._sign_in.begin(wanted, patience=params.timeout or 0.0))

    async def complete(self, session: Session, params: Any) -> dict[str, Any]:
        sign_in, account = await self._sign_in.complete(params.uri)
        return {"sign_in": sign_in, "account": self._account(account)}

    async def wait(self, session: Session, params: Any) -> dict[str, Any]:
        account = await self._sign_in.wait(params.sign_in)
        return {"sign_in": params.sign_in, "account": self._account(account)}

    async def cancel(self, session: Session, params: Any) -> dict[str, Any]:
        return {"cancelled": await self._sign_in.cancel(params.sign_in)}

    def list(self, session: Session, params: Any) -> dict[str, Any]:
        return {"sign_ins": [_message(pending) for pending in self._sign_in.waiting()]}

    def _account(self, account: Account) -> dict[str, Any]:
        holding = self._accounts.holding(account.id)
        return account_message(holding, self._accounts.defaults, self._clock.now())


def _message(pending: PendingSignIn) -> dict[str, Any]:
    return {
        "sign_in": pending.id,
        "method": pending.method.value,
        "server": {"url": pending.server.url, "name": pending.server.name},
        "provider": pending.provider.id,
        "redirect": pending.redirect.value,
        "redirect_uri": pending.authorization.redirect_uri,
        "authorization_url": pending.authorization.authorization_url,
        "expires_at": pending.expires_at,
    }
