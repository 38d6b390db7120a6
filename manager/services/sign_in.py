"""Sign-in from the first address to the stored account; each method has a module of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from manager.core.account import Account
from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.errors import (
    AccountManagerError,
    InvalidRequest,
    KeychainLocked,
    KeychainUnavailable,
)
from manager.core.ports import Clock, KeychainControl, LoopbackListeners, Randomness
from manager.core.provider import ServerProbe, SignInMethod, SignInRequest
from manager.core.server_address import canonical

from .accounts import AccountsService
from .browser_sign_in import BrowserSignIns, redirect_method
from .device_sign_in import DeviceSignIns
from .event_bus import EventBus
from .form_sign_in import FormSignIns, Submitted, chosen_form
from .pending_sign_in import PendingSignIn, SignInTarget
from .provider_registry import ProviderRegistry
from .sign_in_completion import SignInCompletion
from .sign_in_trouble import tried_by_the_person
from .waiting_sign_ins import WaitingSignIns

_UNLOCK_FILE = "Give the vault's passphrase: account-manager unlock"


@dataclass(frozen=True, slots=True)
class WantedSignIn:
    """What a front door asks for; see `sign_in.begin` in the message table."""

    server: str
    provider: str | None = None
    method: str | None = None
    redirect: str | None = None
    client: ClientRegistration | None = None
    scopes: Sequence[str] = ()
    account: str | None = None
    select_account: bool = False
    form: str | None = None
    dialect: str | None = None


class SignInService:
    def __init__(
        self,
        accounts: AccountsService,
        providers: ProviderRegistry,
        completion: SignInCompletion,
        listeners: LoopbackListeners,
        keychain: KeychainControl,
        bus: EventBus,
        clock: Clock,
        randomness: Randomness,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._accounts = accounts
        self._providers = providers
        self._keychain = keychain
        self._waiting = WaitingSignIns(bus, clock, randomness, tasks)
        self._browser = BrowserSignIns(self._waiting, completion, listeners, tasks)
        self._device = DeviceSignIns(self._waiting, completion, tasks)
        self._form = FormSignIns(self._waiting, completion, tasks)

    async def probe(
        self, url: str, provider: str | None = None, dialect: str | None = None
    ) -> ServerProbe:
        """What stands at an address. Raises InvalidRequest, ServerUnreachable."""
        with tried_by_the_person():
            return await self._providers.probe(canonical(url), provider, dialect)

    async def begin(self, wanted: WantedSignIn, *, patience: float = 0.0) -> PendingSignIn:
        """Start a sign-in, by the server's best method where none is named. `patience`: see
        BrowserSignIns.begin.

        Raises InvalidRequest, AccountNotFound, RedirectUnavailable, TooMany, ServerUnreachable,
        RateLimited, ProviderError.
        """
        self._waiting.require_room()
        renewing = self._accounts.holding(wanted.account).account if wanted.account else None
        url = renewing.server.url if renewing else canonical(wanted.server)
        await self._require_keychain()
        provider_id = wanted.provider or (renewing.provider if renewing else None)
        with tried_by_the_person():
            probe = await self._providers.probe(url, provider_id, wanted.dialect)
        target = SignInTarget(self._providers.get(probe.provider), probe.server, renewing)
        method = _method(wanted, probe, renewing)
        request = SignInRequest(
            server_url=probe.server.url,
            client=wanted.client,
            scopes=tuple(wanted.scopes),
            select_account=wanted.select_account,
            dialect=probe.dialect,
        )
        if renewing is not None:
            request = await self._as_before(request, renewing)
        match method:
            case SignInMethod.BROWSER:
                redirect = redirect_method(wanted.redirect, probe)
                return await self._browser.begin(target, redirect, request, patience)
            case SignInMethod.DEVICE:
                return await self._device.begin(target, request)
            case SignInMethod.FORM:
                form = chosen_form(wanted.form, probe)
                return await self._form.begin(target, form, request)

    async def complete(self, uri: str) -> tuple[str, Account]:
        """See BrowserSignIns.complete."""
        return await self._browser.complete(uri)

    async def submit(self, sign_in: str, fields: Mapping[str, object]) -> Submitted:
        """See FormSignIns.submit."""
        return await self._form.submit(sign_in, fields)

    async def wait(self, sign_in: str) -> Account:
        """See WaitingSignIns.wait."""
        return await self._waiting.wait(sign_in)

    async def cancel(self, sign_in: str) -> bool:
        """Whether there was such a sign-in to cancel."""
        return await self._waiting.cancel(sign_in)

    def waiting(self) -> Sequence[PendingSignIn]:
        return self._waiting.all()

    async def close(self) -> None:
        await self._waiting.close()

    async def _as_before(self, request: SignInRequest, renewing: Account) -> SignInRequest:
        """Signing in again asks as the first time: the same client, the same scopes, the same
        person expected; what the front door names now counts more."""
        client = request.client
        with suppress(AccountManagerError):  # a lost key is often why the person signs in again
            known = await self._accounts.credential(renewing.id)
            if client is None and isinstance(known, OAuthTokens):
                client = known.client
        scopes = renewing.scopes if renewing.renewal.by_itself else ()
        return replace(
            request,
            client=client,
            scopes=request.scopes or scopes,
            login_hint=renewing.identity.label,
        )

    async def _require_keychain(self) -> None:
        """Say it before the person goes through the browser for nothing."""
        match await self._keychain.status():
            case "locked":
                raise KeychainLocked(
                    "The keychain is locked, so an account cannot be kept.",
                    hint=_UNLOCK_FILE if self._keychain.vault == "file" else "",
                )
            case "unavailable":
                raise KeychainUnavailable("No keychain answers, so an account cannot be kept.")


def _method(wanted: WantedSignIn, probe: ServerProbe, renewing: Account | None) -> SignInMethod:
    """The one that is named; a form's name is one, and a key is brought again as a key. Else the
    server's best. Raises InvalidRequest."""
    offered, method = probe.sign_in_methods, wanted.method
    if method is None:
        keyed = renewing is not None and renewing.identity.key
        if wanted.form is not None or (keyed and SignInMethod.FORM in offered):
            method = SignInMethod.FORM
        elif offered:
            method = offered[0]
    if method not in [each.value for each in offered]:
        raise InvalidRequest(
            f"Signing in by {(method or 'any way')[:20]} is not offered for {probe.server.name}.",
            hint=f"Offered: {', '.join(offered) or 'nothing'}.",
        )
    return SignInMethod(method)
