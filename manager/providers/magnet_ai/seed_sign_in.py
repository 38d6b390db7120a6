"""The three ways in of the seed's dialect: a token by password, a session, a token pasted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from manager.core.account import Identity
from manager.core.credential import SessionToken
from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    InvalidRequest,
    ScopeNotGranted,
)
from manager.core.moment import Moment, Validity, usable_lifetime
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret, fingerprint
from manager.oauth.bearer import bearer
from manager.oauth.json_object import json_object, strings
from manager.oauth.server_time import unix_seconds
from manager.oauth.token_text import usable_token
from manager.oauth.unverified_claims import claims_of, validity_when_issued
from manager.providers.http_answer import HttpAnswer

from .access_token import validity_when_brought
from .answers import fulfilled, no_verdict, refusal
from .cookies import cookie_header, received_cookies
from .dialect import Typed, text_of
from .forms import addresses_typed, scopes_typed
from .identity import Who, who_is
from .magnet_server import MagnetServer

TOKEN = "/api/auth/token"  # noqa: S105
VERIFY = "/api/auth/verify"
REFRESH = "/api/auth/refresh"
LOGIN = "/api/auth/login"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: Secret
    validity: Validity


def issued_token(document: Mapping[str, Any] | None, now: Moment) -> IssuedToken | None:
    """`{"success","data":{"token","expires_at"}}`, or both beside `success`; None otherwise."""
    if document is None or document.get("success") is False:
        return None
    data = document.get("data")
    told = data if isinstance(data, dict) else document
    token = usable_token(told.get("token"))
    if token is None:
        return None
    validity = validity_when_issued(token, now)
    return IssuedToken(token, _sooner(validity, told.get("expires_at")))


def _sooner(validity: Validity, expires_at: object) -> Validity:
    """What the token says of itself, or what the server says of it, whichever ends first. A moment
    that has passed already shows that our clock is wrong, and says nothing."""
    moment = unix_seconds(expires_at)
    told = None if moment is None else usable_lifetime(moment - validity.issued.wall)
    known = [each for each in (validity.lifetime, told) if each is not None]
    return replace(validity, lifetime=min(known, default=None))


class SeedSignIn:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def by_password(
        self, at: MagnetServer, typed: Typed, default_scopes: tuple[str, ...]
    ) -> SignInResult:
        name = typed["username"].reveal()
        scopes = scopes_typed(text_of(typed, "scopes")) or default_scopes
        addresses = addresses_typed(text_of(typed, "allowed_ips"))
        body: dict[str, object] = {"username": name, "password": typed["password"].reveal()}
        if scopes:
            body["scopes"] = list(scopes)
        if addresses:
            body["allowed_ips"] = list(addresses)
        answer = await at.ask("POST", TOKEN, json=body)
        issued = issued_token(fulfilled(answer), self._clock.now())
        if issued is None:
            raise _login_refused(at, answer)
        who = await self._who(at, bearer(issued.token))
        claimed = strings(claims_of(issued.token).get("scopes"))
        known = who or Who(name, name, name)
        granted = known.scopes if known.scopes is not None else (claimed or scopes)
        return SignInResult(
            server=at.server,
            identity=known.identity(),
            credential=_kept(at, issued.token, issued.validity, granted),
            scopes=granted,
            roles=known.roles,
        )

    async def by_session(self, at: MagnetServer, typed: Typed) -> SignInResult:
        name = typed["username"].reveal()
        body = {"username": name, "password": typed["password"].reveal()}
        answer = await at.ask("POST", LOGIN, json=body)
        document = fulfilled(answer)
        cookies = received_cookies(answer.set_cookies)
        if document is None or document.get("success") is False or not cookies:
            raise _login_refused(at, answer)
        pairs = tuple((cookie.name, cookie.value) for cookie in cookies)
        lifetimes = [cookie.lifetime for cookie in cookies if cookie.lifetime is not None]
        who = await self._who(at, cookie_header(pairs)) or who_is(document) or Who(name, name, name)
        credential = SessionToken(
            None,
            cookies=pairs,
            validity=Validity(self._clock.now(), min(lifetimes, default=None)),
            scopes=who.scopes or (),
            dialect="seed",
        )
        return SignInResult(
            at.server,
            # A session beside a token of the same person is an account of its own.
            Identity(who.subject, who.label, who.display_name, key="session"),
            credential,
            scopes=who.scopes or (),
            capabilities=("headers",),
            roles=who.roles,
        )

    async def by_token(self, at: MagnetServer, token: Secret) -> SignInResult:
        if usable_token(token.reveal()) is None:
            raise InvalidRequest("This is no token: it holds spaces or other odd characters.")
        answer = await at.ask("GET", VERIFY, bearer(token))
        document = fulfilled(answer)
        if document is None or document.get("success") is not True:
            if answer.status == 401 and json_object(answer.body) is not None:
                raise CredentialsRefused(f"{at.host} does not accept this token.")
            raise refusal(answer)
        digest = fingerprint(token)
        who = who_is(document) or Who(f"token:{digest}", f"Token at {at.host}", "Token")
        data = document.get("data")
        told = data if isinstance(data, dict) else document
        validity = _sooner(validity_when_brought(token, self._clock.now()), told.get("expires_at"))
        scopes = who.scopes or ()
        return SignInResult(
            at.server,
            who.identity(digest),
            _kept(at, token, validity, scopes),
            scopes=scopes,
            roles=who.roles,
        )

    async def _who(self, at: MagnetServer, headers: Mapping[str, str]) -> Who | None:
        """Who the new token is of. A token may be allowed at other addresses only: the sign-in
        has succeeded all the same."""
        try:
            answer = await at.ask("GET", VERIFY, headers)
        except AccountManagerError:
            return None
        return who_is(fulfilled(answer))


def _kept(
    at: MagnetServer, token: Secret, validity: Validity, scopes: tuple[str, ...]
) -> SessionToken:
    return SessionToken(
        token,
        validity=validity,
        renewal_endpoint=f"{at.origin}{REFRESH}",
        revocation_endpoint=f"{at.origin}{TOKEN}",
        scopes=scopes,
        dialect="seed",
    )


def _login_refused(at: MagnetServer, answer: HttpAnswer) -> AccountManagerError:
    if answer.status == 401 and json_object(answer.body) is not None:
        return CredentialsRefused(f"{at.host} does not accept this user name and password.")
    if answer.status in (400, 422) and json_object(answer.body) is not None:
        return InvalidRequest(f"{at.host} does not accept what was typed.")
    if answer.status == 403:
        refused = refusal(answer)
        if isinstance(refused, ScopeNotGranted):
            hint = "Leave that scope out, or ask an administrator for the role."
            return ScopeNotGranted(refused.message, hint=hint)
        return refused
    return no_verdict(answer)
