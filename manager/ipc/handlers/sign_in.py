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
from manager.ipc.sign_in_messages import form_message, probe_message, sign_in_message
from manager.services.accounts import AccountsService
from manager.services.provider_registry import ProviderRegistry
from manager.services.sign_in import SignInService, WantedSignIn


class SignInHandlers:
    def __init__(
        self,
        sign_in: SignInService,
        accounts: AccountsService,
        providers: ProviderRegistry,
        presets: Callable[[], Sequence[PresetServer]],
        clock: Clock,
    ) -> None:
        self._sign_in = sign_in
        self._accounts = accounts
        self._providers = providers
        self._presets = presets
        self._clock = clock

    def table(self) -> Mapping[str, Handler]:
        return {
            "servers.list": self.presets,
            "servers.probe": self.probe,
            "sign_in.begin": self.begin,
            "sign_in.complete": self.complete,
            "sign_in.submit": self.submit,
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
        probe = await self._sign_in.probe(params.url, params.provider, params.dialect)
        return probe_message(probe, self._providers.get(probe.provider).name)

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
            form=params.form,
            dialect=params.dialect,
        )
        pending = await self._sign_in.begin(wanted, patience=params.timeout or 0.0)
        return sign_in_message(pending)

    async def complete(self, session: Session, params: Any) -> dict[str, Any]:
        sign_in, account = await self._sign_in.complete(params.uri)
        return {"sign_in": sign_in, "account": self._account(account)}

    async def submit(self, session: Session, params: Any) -> dict[str, Any]:
        outcome = await self._sign_in.submit(params.sign_in, params.fields)
        if isinstance(outcome, Account):
            return {"sign_in": params.sign_in, "account": self._account(outcome)}
        return {"sign_in": params.sign_in, "form": form_message(outcome)}

    async def wait(self, session: Session, params: Any) -> dict[str, Any]:
        account = await self._sign_in.wait(params.sign_in)
        return {"sign_in": params.sign_in, "account": self._account(account)}

    async def cancel(self, session: Session, params: Any) -> dict[str, Any]:
        return {"cancelled": await self._sign_in.cancel(params.sign_in)}

    def list(self, session: Session, params: Any) -> dict[str, Any]:
        return {"sign_ins": [sign_in_message(pending) for pending in self._sign_in.waiting()]}

    def _account(self, account: Account) -> dict[str, Any]:
        holding = self._accounts.holding(account.id)
        return account_message(holding, self._accounts.defaults, self._clock.now())
