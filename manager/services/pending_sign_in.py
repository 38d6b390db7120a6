"""A sign-in that waits for the browser, and which of them an answer belongs to."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from manager.core.account import Account, Server
from manager.core.errors import InvalidRequest, SignInExpired
from manager.core.ports import LoopbackListener
from manager.core.provider import PendingAuthorization, Provider, RedirectMethod, SignInMethod
from manager.oauth.redirection import RedirectionUri


@dataclass(slots=True)
class PendingSignIn:
    """In memory only; it dies with the agent. `deadline`: seconds on the clock that counts
    suspend. `renewing`: the account that the person is signing in to again."""

    id: str
    provider: Provider
    server: Server
    method: SignInMethod
    redirect: RedirectMethod
    authorization: PendingAuthorization
    deadline: float
    expires_at: int
    tries_left: int
    ended: asyncio.Future[Account]
    renewing: Account | None = None
    listener: LoopbackListener | None = None
    redeeming: bool = False


def belonging(pending: Iterable[PendingSignIn], answer: RedirectionUri) -> PendingSignIn:
    """The sign-in that an authorization response belongs to (RFC 6749 section 4.1.2): by `state`,
    or, where the server has none, by the redirect URI that only one may use at a time.

    Raises SignInExpired when nothing waits for it, InvalidRequest when the right answer came to
    the wrong place.
    """
    state = answer.parameters.get("state")
    candidates = [each for each in pending if not each.redeeming]
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
