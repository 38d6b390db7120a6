"""Sign-ins that wait, one type a method, and which of them a browser's answer belongs to."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from manager.core.account import Account, Server
from manager.core.device_sign_in import PendingDevice
from manager.core.errors import InvalidRequest, SignInExpired
from manager.core.form_sign_in import PendingForm
from manager.core.ports import LoopbackListener
from manager.core.provider import PendingAuthorization, Provider, RedirectMethod, SignInMethod
from manager.oauth.redirection import RedirectionUri


@dataclass(frozen=True, slots=True)
class SignInTarget:
    """Where somebody signs in, and for which account, where they do so again."""

    provider: Provider
    server: Server
    renewing: Account | None = None


@dataclass(slots=True, kw_only=True)
class PendingSignIn:
    """In memory only; it dies with the agent. `deadline`: seconds on the clock that counts
    suspend. `busy`: the server is being asked, so nothing else may end it."""

    id: str
    target: SignInTarget
    deadline: float
    expires_at: int
    ended: asyncio.Future[Account]
    busy: bool = False

    @property
    def method(self) -> SignInMethod:
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class BrowserSignIn(PendingSignIn):
    """`tries_left`: how many refused codes leave it waiting."""

    authorization: PendingAuthorization
    redirect: RedirectMethod
    tries_left: int
    listener: LoopbackListener | None = None

    @property
    def method(self) -> SignInMethod:
        return SignInMethod.BROWSER


@dataclass(slots=True, kw_only=True)
class DeviceSignIn(PendingSignIn):
    device: PendingDevice

    @property
    def method(self) -> SignInMethod:
        return SignInMethod.DEVICE


@dataclass(slots=True, kw_only=True)
class FormSignIn(PendingSignIn):
    """`tries_left`: how many refused passwords, codes or keys leave it waiting."""

    form: PendingForm
    tries_left: int

    @property
    def method(self) -> SignInMethod:
        return SignInMethod.FORM


def belonging(pending: Iterable[BrowserSignIn], answer: RedirectionUri) -> BrowserSignIn:
    """The sign-in that an authorization response belongs to (RFC 6749 section 4.1.2): by `state`,
    or, where the server has none, by the redirect URI that only one may use at a time.

    Raises SignInExpired when nothing waits for it, InvalidRequest when the right answer came to
    the wrong place.
    """
    state = answer.parameters.get("state")
    candidates = [each for each in pending if not each.busy]
    if state is None:
        for each in candidates:
            known = each.authorization
            if known.state is None and answer.answers(known.redirect_uri):
                return each
        raise _nothing_waits()
    for each in candidates:
        expected = each.authorization.state
        if expected is not None and hmac.compare_digest(expected.encode(), state.encode()):
            if not answer.answers(each.authorization.redirect_uri):
                raise InvalidRequest(
                    "The answer came back to another address than it was sent for.",
                    hint="Start the sign-in again.",
                )
            return each
    raise _nothing_waits()


def _nothing_waits() -> SignInExpired:
    return SignInExpired("No sign-in is waiting for this answer (any more).")
