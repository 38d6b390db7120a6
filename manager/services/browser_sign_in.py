"""Signing in through the person's own browser: opening the way back, taking the answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from manager.core.account import Account
from manager.core.errors import AccountManagerError, InvalidRequest, PersonCanAct, TooMany
from manager.core.ports import LoopbackListener, LoopbackListeners
from manager.core.provider import (
    LoopbackRedirect,
    RedirectMethod,
    ServerProbe,
    SignInRequest,
    SignsInByBrowser,
)
from manager.oauth.redirection import parse_redirection_uri

from .pending_sign_in import BrowserSignIn, SignInTarget, belonging
from .sign_in_completion import SignInCompletion
from .sign_in_trouble import tried_by_the_person
from .single_flight import SingleFlight
from .waiting_sign_ins import WaitingSignIns

_OPENING = 20.0
"""Seconds that another sign-in at the same redirect URI may take to be prepared."""


class BrowserSignIns:
    def __init__(
        self,
        waiting: WaitingSignIns,
        completion: SignInCompletion,
        listeners: LoopbackListeners,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._waiting = waiting
        self._completion = completion
        self._listeners = listeners
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._redemptions: SingleFlight[Account] = SingleFlight(tasks)

    async def begin(
        self,
        target: SignInTarget,
        redirect: RedirectMethod,
        request: SignInRequest,
        patience: float,
    ) -> BrowserSignIn:
        """Where its redirect URI is in use and the server has no `state` to tell two answers
        apart, wait up to `patience` seconds for the other to end. Raises RedirectUnavailable,
        TooMany, and what the provider raises."""
        provider = target.provider
        if not isinstance(provider, SignsInByBrowser):
            raise InvalidRequest(f"{target.server.name} has no sign-in through the browser.")
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
            deadline, expires_at = self._waiting.times()
            return self._waiting.keep(
                BrowserSignIn(
                    id=self._waiting.new_id(),
                    target=target,
                    deadline=deadline,
                    expires_at=expires_at,
                    ended=asyncio.get_running_loop().create_future(),
                    authorization=authorization,
                    redirect=redirect,
                    tries_left=authorization.tries,
                    listener=listener,
                )
            )
        finally:
            opening.release()

    async def complete(self, uri: str) -> tuple[str, Account]:
        """Take the browser's answer. Returns the sign-in's id and the account.

        Raises InvalidRequest, SignInExpired, SignInDenied, IdentityMismatch and what the exchange
        raises. An answer that belongs to nothing changes nothing; one that was taken is redeemed
        to the end, also when the caller leaves.
        """
        answer = parse_redirection_uri(uri)
        pending = belonging(self._waiting.of(BrowserSignIn), answer)
        pending.busy = True
        account = await self._redemptions.join(
            pending.id, lambda: self._redeem(pending, answer.parameters)
        )
        return pending.id, account

    async def _redeem(self, pending: BrowserSignIn, parameters: Mapping[str, str]) -> Account:
        try:
            with tried_by_the_person():
                result = await pending.authorization.redeem(parameters)
                account = await self._completion.finish(pending, result)
        except AccountManagerError as failure:
            # A refused code may be a stranger's: the person's own may still come.
            pending.tries_left -= 1
            if pending.tries_left <= 0 or isinstance(failure, PersonCanAct):
                await self._waiting.end(pending, failure)
            raise
        finally:
            pending.busy = False
        await self._waiting.end(pending, account)
        return account

    async def _turn_at(self, redirect_uri: str, patience: float) -> None:
        def taken() -> bool:
            return any(
                each.authorization.state is None and each.authorization.redirect_uri == redirect_uri
                for each in self._waiting.of(BrowserSignIn)
            )

        if not taken():
            return
        try:
            async with asyncio.timeout(patience), self._waiting.left:
                await self._waiting.left.wait_for(lambda: not taken())
        except TimeoutError:
            raise _another_waits() from None

    async def _on_callback(self, uri: str) -> bool:
        """From the loopback listener, whose page shows what is raised."""
        await self.complete(uri)
        return True


def redirect_method(wanted: str | None, probe: ServerProbe) -> RedirectMethod:
    """The one that the front door named, or the server's first. Raises InvalidRequest."""
    for method in probe.redirect_methods:
        if wanted in (None, method.value):
            return method
    offered = ", ".join(probe.redirect_methods) or "none"
    raise InvalidRequest(
        f"{probe.server.name} cannot send the browser back by {(wanted or 'any way')[:20]!r}.",
        hint=f"Offered: {offered}.",
    )


def _another_waits() -> TooMany:
    return TooMany(
        "Another sign-in of this kind is waiting for the browser.",
        hint="Finish or cancel it first.",
    )
