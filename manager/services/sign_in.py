"""Sign-in from the first address to the stored account."""

from __future__ import annotations

import asyncio
from collections import defaultdict
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
    PersonCanAct,
    SignInDenied,
    SignInExpired,
    TooMany,
)
from manager.core.events import SignInProgressed
from manager.core.ports import (
    Clock,
    KeychainControl,
    LoopbackListener,
    LoopbackListeners,
    Randomness,
)
from manager.core.provider import (
    LoopbackRedirect,
    Provider,
    RedirectMethod,
    ServerProbe,
    SignInMethod,
    SignInRequest,
    SignsInByBrowser,
)
from manager.core.server_address import canonical
from manager.oauth.redirection import parse_redirection_uri

from .accounts import AccountsService
from .event_bus import EventBus
from .pending_sign_in import PendingSignIn, belonging
from .provider_registry import ProviderRegistry
from .sign_in_completion import SignInCompletion
from .sign_in_trouble import tried_by_the_person
from .single_flight import SingleFlight

_OPENING = 20.0
"""Seconds that another sign-in at the same redirect URI may take to be prepared."""

LIFETIME = 600.0
"""Seconds that a person has in the browser."""
AT_ONCE = 32


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
        self._completion = completion
        self._listeners = listeners
        self._keychain = keychain
        self._bus = bus
        self._clock = clock
        self._randomness = randomness
        self._tasks = tasks
        self._pending: dict[str, PendingSignIn] = {}
        self._ended: dict[str, asyncio.Future[Account]] = {}
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._left = asyncio.Condition()
        self._redemptions: SingleFlight[Account] = SingleFlight(tasks)

    async def probe(self, url: str, provider: str | None = None) -> ServerProbe:
        """What stands at an address. Raises InvalidRequest, ServerUnreachable."""
        with tried_by_the_person():
            return await self._providers.probe(canonical(url), provider)

    async def begin(self, wanted: WantedSignIn, *, patience: float = 0.0) -> PendingSignIn:
        """Start a sign-in. Where its redirect URI is in use and the server has no `state` to tell
        two answers apart, wait up to `patience` seconds for the other to end.

        Raises InvalidRequest, AccountNotFound, RedirectUnavailable, TooMany, ServerUnreachable,
        ProviderError.
        """
        if len(self._pending) >= AT_ONCE:
            raise TooMany("Too many sign-ins are waiting.", hint="Finish or cancel one of them.")
        renewing = self._accounts.holding(wanted.account).account if wanted.account else None
        url = renewing.server.url if renewing else canonical(wanted.server)
        await self._require_keychain()
        provider_id = wanted.provider or (renewing.provider if renewing else None)
        with tried_by_the_person():
            probe = await self._providers.probe(url, provider_id)
        provider = self._providers.get(probe.provider)
        if wanted.method not in (None, SignInMethod.BROWSER):
            raise InvalidRequest(
                f"Signing in by {wanted.method} is not offered for {probe.server.name}.",
                hint="Sign in through the browser.",
            )
        redirect = _redirect_method(wanted.redirect, probe)
        request = SignInRequest(
            server_url=probe.server.url,
            client=wanted.client,
            scopes=tuple(wanted.scopes),
            select_account=wanted.select_account,
        )
        if renewing is not None:
            request = await self._as_before(request, renewing)
        return await self._open(provider, probe, redirect, request, renewing, patience)

    async def complete(self, uri: str) -> tuple[str, Account]:
        """Take the browser's answer. Returns the sign-in's id and the account.

        Raises InvalidRequest, SignInExpired, SignInDenied, IdentityMismatch and what the exchange
        raises. An answer that belongs to nothing changes nothing; one that was taken is redeemed
        to the end, also when the caller leaves.
        """
        answer = parse_redirection_uri(uri)
        pending = belonging(self._pending.values(), answer)
        pending.redeeming = True
        account = await self._redemptions.join(
            pending.id, lambda: self._redeem(pending, answer.parameters)
        )
        return pending.id, account

    async def _redeem(self, pending: PendingSignIn, parameters: Mapping[str, str]) -> Account:
        try:
            with tried_by_the_person():
                account = await self._completion.finish(pending, parameters)
        except AccountManagerError as failure:
            # A refused code may be a stranger's: the person's own may still come.
            pending.tries_left -= 1
            if pending.tries_left <= 0 or isinstance(failure, PersonCanAct):
                await self._end(pending, failure)
            raise
        finally:
            pending.redeeming = False
        await self._end(pending, account)
        return account

    async def wait(self, sign_in: str) -> Account:
        """The account, once the sign-in ended well. Raises what ended it otherwise, also to those
        who come to wait a little late."""
        pending = self._pending.get(sign_in)
        ended = pending.ended if pending is not None else self._ended.get(sign_in)
        if ended is None:
            raise SignInExpired("No such sign-in is waiting (any more).")
        return await asyncio.shield(ended)

    async def cancel(self, sign_in: str) -> bool:
        """Whether there was such a sign-in to cancel."""
        pending = self._pending.get(sign_in)
        if pending is None:
            return False
        await self._end(pending, SignInDenied("The sign-in was cancelled."), status="cancelled")
        return True

    def waiting(self) -> Sequence[PendingSignIn]:
        return tuple(self._pending.values())

    async def close(self) -> None:
        for pending in tuple(self._pending.values()):
            await self._end(pending, SignInExpired("Account Manager stopped."), status="cancelled")

    async def _open(
        self,
        provider: Provider,
        probe: ServerProbe,
        redirect: RedirectMethod,
        request: SignInRequest,
        renewing: Account | None,
        patience: float,
    ) -> PendingSignIn:
        if not isinstance(provider, SignsInByBrowser):
            raise InvalidRequest(f"{probe.server.name} has no sign-in through the browser.")
        way = provider.redirection(request.server_url, redirect)
        opening = self._opening[way.uri]
        try:
            async with asyncio.timeout(max(patience, _OPENING)):
                await opening.acquire()
        except TimeoutError:
            raise _another_waits() from None
        try:
            await self._turn_at(way.uri, patience)
            listener: LoopbackListener | None = None
            if isinstance(way, LoopbackRedirect) and redirect is RedirectMethod.LOOPBACK:
                listener = await self._listeners.open(way, self._on_callback)
            try:
                with tried_by_the_person():
                    authorization = await provider.begin(
                        request, listener.redirect_uri if listener else way.uri
                    )
            except BaseException:
                if listener is not None:
                    await listener.close()
                raise
            now = self._clock.now()
            pending = PendingSignIn(
                id=self._randomness.token(16),
                provider=provider,
                server=probe.server,
                method=SignInMethod.BROWSER,
                redirect=redirect,
                authorization=authorization,
                deadline=now.boot + LIFETIME,
                expires_at=int(now.wall + LIFETIME),
                tries_left=authorization.tries,
                ended=asyncio.get_running_loop().create_future(),
                renewing=renewing,
                listener=listener,
            )
            self._pending[pending.id] = pending
        finally:
            opening.release()
        self._tasks.create_task(self._watch(pending))
        self._bus.publish(SignInProgressed(pending.id, "waiting"))
        return pending

    async def _turn_at(self, redirect_uri: str, patience: float) -> None:
        def taken() -> bool:
            return any(
                each.authorization.state is None and each.authorization.redirect_uri == redirect_uri
                for each in self._pending.values()
            )

        if not taken():
            return
        try:
            async with asyncio.timeout(patience), self._left:
                await self._left.wait_for(lambda: not taken())
        except TimeoutError:
            raise _another_waits() from None

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

    async def _on_callback(self, uri: str) -> bool:
        """From the loopback listener, whose page shows what is raised."""
        await self.complete(uri)
        return True

    async def _watch(self, pending: PendingSignIn) -> None:
        """End what nobody finished in time, so that its port and redirect URI are free again."""
        while not pending.ended.done():
            left = pending.deadline - self._clock.now().boot
            if left <= 0 and not pending.redeeming:
                expired = SignInExpired("The time for this sign-in is over.")
                await self._end(pending, expired, status="expired")
                return
            await asyncio.wait([pending.ended], timeout=max(min(left, 40.0), 0.2))

    async def _require_keychain(self) -> None:
        """Say it before the person goes through the browser for nothing."""
        match await self._keychain.status():
            case "locked":
                raise KeychainLocked("The keychain is locked, so an account cannot be kept.")
            case "unavailable":
                raise KeychainUnavailable("No keychain answers, so an account cannot be kept.")

    async def _end(
        self,
        pending: PendingSignIn,
        outcome: Account | AccountManagerError,
        *,
        status: str = "failed",
    ) -> None:
        self._settle(pending, outcome, status)
        if pending.listener is not None:
            await pending.listener.close()
        async with self._left:
            self._left.notify_all()

    def _settle(
        self, pending: PendingSignIn, outcome: Account | AccountManagerError, status: str
    ) -> None:
        self._pending.pop(pending.id, None)
        if pending.ended.done():
            return
        self._ended[pending.id] = pending.ended
        while len(self._ended) > AT_ONCE:
            del self._ended[next(iter(self._ended))]
        if isinstance(outcome, Account):
            pending.ended.set_result(outcome)
            event = SignInProgressed(pending.id, "succeeded", account_id=outcome.id)
        else:
            pending.ended.set_exception(outcome)
            pending.ended.exception()  # nobody may be waiting
            event = SignInProgressed(pending.id, status, outcome.message, outcome.hint)
        self._bus.publish(event)


def _another_waits() -> TooMany:
    return TooMany(
        "Another sign-in of this kind is waiting for the browser.",
        hint="Finish or cancel it first.",
    )


def _redirect_method(wanted: str | None, probe: ServerProbe) -> RedirectMethod:
    if wanted is None:
        return probe.redirect_methods[0]
    if wanted in (each.value for each in probe.redirect_methods):
        return RedirectMethod(wanted)
    offered = ", ".join(probe.redirect_methods)
    raise InvalidRequest(
        f"{probe.server.name} cannot send the browser back by {wanted[:20]!r}.",
        hint=f"Offered: {offered}.",
    )
