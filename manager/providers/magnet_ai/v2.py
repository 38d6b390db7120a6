"""The dialect `/api/v2/auth` (0.7): short access tokens, renewed by a cookie that rotates.

The refresh cookie goes to the renewal and to the logout, with our origin beside it, and never
together with a bearer token: the server answers 403 to that (its forgery check), and prefers the
cookie `token` to the header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manager.core.account import Identity
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    RefreshRefused,
    ServerUnreachable,
)
from manager.core.form_sign_in import PendingForm
from manager.core.ports import Clock
from manager.core.provider import Refreshed, SignInRequest, SignInResult
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ServerCredential,
    SignedOutThere,
    StillSignedIn,
    Verification,
)
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.oauth.bearer import bearer
from manager.oauth.json_object import json_array, json_object
from manager.oauth.retry_after import retry_after
from manager.oauth.token_text import usable_token
from manager.providers.http_answer import HttpAnswer

from . import forms
from .access_token import validity_when_brought
from .answers import error_text, fulfilled, no_verdict, refusal
from .api_keys import API_KEY, ApiKeys, key_headers
from .cookies import cookie_header
from .dialect import OneStep, Typed, session_of, text_of
from .identity import who_is
from .magnet_server import MagnetServer
from .v2_sessions import SESSION, Sessions
from .v2_sign_in import AUTH, LOGOUT, ME, REFRESH, V2SignIn, session_from, session_result

_PROVIDER = ("name", "type", "displayName")
_GRACE = 4.0
"""A second less than the server's own 5 s, after which a rotated cookie ends its whole family."""


class V2Dialect:
    id = "v2"
    forms = (forms.V2_PASSWORD, forms.API_KEY)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys = ApiKeys(self.id, ME, scoped=True)
        self._sessions = Sessions()

    async def recognise(self, at: MagnetServer) -> tuple[SignInForm, ...] | None:
        """`/providers` lists who can sign people in; without the local one there is no password."""
        local = _signs_in_locally(await at.ask("GET", f"{AUTH}/providers"))
        if local is None:
            return None
        return self.forms if local else (forms.API_KEY,)

    def begin(self, at: MagnetServer, request: SignInRequest, form: SignInForm) -> PendingForm:
        if form.id == forms.V2_PASSWORD.id:
            return V2SignIn(at, self._clock, request.login_hint)

        async def sign_in(typed: Typed) -> SignInResult:
            return await self._keys.sign_in(at, typed["api_key"], text_of(typed, "user_id"))

        return OneStep(form, sign_in)

    async def refresh(self, at: MagnetServer, credential: Credential) -> Refreshed:
        """One renewal; a 409 (somebody rotates at this moment) is tried again after its pause, but
        only while the old cookie may still be shown without ending the session."""
        if isinstance(credential, ApiKey):
            raise RefreshRefused("An API key is not renewed.")
        old = session_of(credential)
        if old.refresh_token is None:
            raise RefreshRefused("This session of Magnet AI cannot be renewed.")
        headers = _with_origin(at, old.refresh_token)
        begun = self._clock.now().boot
        while True:
            answer = await at.ask("POST", REFRESH, headers, essential=True)
            pause = self._pause_of_conflict(answer)
            if pause is None:
                break
            if self._clock.now().boot - begun + pause > _GRACE:
                raise ServerUnreachable(
                    f"Another renewal of this session is under way at {at.host}."
                )
            await self._clock.sleep(pause)
        renewed = session_from(at, answer, self._clock, old)
        if renewed is not None:
            return Refreshed(renewed)
        raise _not_renewed(at, answer)

    async def revoke(self, at: MagnetServer, credential: Credential) -> None:
        """Ends the family of the refresh token; the access token lives its 15 minutes out, since
        no server of this dialect looks it up."""
        if isinstance(credential, ApiKey):
            await self._keys.revoke(at, credential)
            return
        session = session_of(credential)
        if session.imported:
            return
        if session.refresh_token is None:
            raise ProviderError(
                f"{at.host} ends sessions by their cookie, which is not known of this one.",
                hint="It ends there by itself.",
            )
        headers = _with_origin(at, session.refresh_token)
        answer = await at.ask("POST", LOGOUT, headers, essential=True)
        if "message" not in (fulfilled(answer) or {}):
            raise no_verdict(answer)

    async def verify(
        self, at: MagnetServer, identity: Identity, credential: Credential
    ) -> Verification:
        if isinstance(credential, ApiKey):
            return await self._keys.verify(at, identity, credential)
        answer = await at.ask("GET", ME, self.headers(credential))
        who = who_is(fulfilled(answer))
        if who is not None:
            return StillSignedIn(at.server, who.identity(identity.key), who.scopes, who.roles)
        if answer.status == 401 and error_text(answer):
            # An expired token reads like one that was ended: what renews it has the last word.
            return SignedOutThere("The server does not accept this session any more.")
        raise no_verdict(answer)

    def headers(self, credential: Credential) -> Mapping[str, str]:
        if isinstance(credential, ApiKey):
            return key_headers(credential)
        session = session_of(credential)
        if session.token is None:
            raise ProviderError("This session of Magnet AI has no token.")
        return bearer(session.token)

    async def take_token(self, at: MagnetServer, token: Secret) -> SignInResult:
        """An access token that another program brought: it ends when it ends."""
        if usable_token(token.reveal()) is None:
            raise InvalidRequest("This is no token: it holds spaces or other odd characters.")
        answer = await at.ask("GET", ME, bearer(token))
        who = who_is(fulfilled(answer))
        if who is None:
            if answer.status == 401 and error_text(answer):
                raise CredentialsRefused(f"{at.host} does not accept this token.")
            raise refusal(answer)
        return session_result(at, _brought(token, self._clock), token, who)

    async def take_key(self, at: MagnetServer, key: Secret) -> SignInResult:
        return await self._keys.sign_in(at, key)

    def kinds(self, credential: Credential) -> tuple[CredentialKind, ...]:
        is_key = isinstance(credential, ApiKey)
        lacking = "read:api_keys"
        missing = (
            f"This sign-in lacks the scope {lacking}: the server keeps its keys to itself."
            if credential.scopes and lacking not in credential.scopes
            else ""
        )
        return (self._sessions.kind(for_person=not is_key), self._keys.kind(missing))

    async def listed(
        self, at: MagnetServer, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        if kind == SESSION:
            return await self._sessions.listed(at, self._person(credential))
        _known(kind)
        return await self._keys.listed(at, self.headers(credential), credential)

    async def create(
        self, at: MagnetServer, credential: Credential, kind: str, values: Typed
    ) -> CreatedCredential:
        _known(kind)
        return await self._keys.create(at, self.headers(credential), values)

    async def end(
        self, at: MagnetServer, credential: Credential, kind: str, credential_id: str
    ) -> None:
        if kind == SESSION:
            await self._sessions.end(at, self._person(credential), credential_id)
            return
        _known(kind)
        await self._keys.delete(at, self.headers(credential), credential_id)

    def _person(self, credential: Credential) -> Mapping[str, str]:
        if isinstance(credential, ApiKey):
            raise InvalidRequest(
                "An API key has no sessions.", hint="Sign in with e-mail and password."
            )
        return self.headers(credential)

    def _pause_of_conflict(self, answer: HttpAnswer) -> float | None:
        told = json_object(answer.body) if answer.status == 409 else None
        if told is None or told.get("retryable") is not True:
            return None
        asked = retry_after(answer.headers.get("retry-after"), now=self._clock.now().wall)
        return max(0.2, 1.0 if asked is None else asked)


def _brought(token: Secret, clock: Clock) -> SessionToken:
    validity = validity_when_brought(token, clock.now())
    return SessionToken(token, validity=validity, imported=True, dialect="v2")


def _with_origin(at: MagnetServer, refresh_token: Secret) -> dict[str, str]:
    return {**cookie_header((("refresh_token", refresh_token),)), "Origin": at.origin}


def _not_renewed(at: MagnetServer, answer: HttpAnswer) -> AccountManagerError:
    """What a refused renewal means: 401 in the server's own words is final, all else is not."""
    said = error_text(answer)
    if answer.status == 401 and said and said != "No refresh token provided":
        return RefreshRefused(f"{at.host} does not accept this session any more.")
    if answer.status == 403 and said:
        return ProviderError(
            f"{at.host} takes renewals only from the address of its own web pages.",
            hint="Sign in at that address; or its operator adds this one to"
            " CORS_OVERRIDE_ALLOWED_ORIGINS.",
        )
    return no_verdict(answer)


def _signs_in_locally(answer: HttpAnswer) -> bool | None:
    """What `[{"name","type","displayName"}]` says; None where it is anything else."""
    listed = json_array(answer.body) if answer.status == 200 else None
    if not listed:
        return None
    for entry in listed:
        told = [entry.get(name) for name in _PROVIDER] if isinstance(entry, dict) else [None]
        if not all(isinstance(value, str) for value in told):
            return None
    return any(entry["type"] == "local" for entry in listed)


def _known(kind: str) -> None:
    if kind != API_KEY:
        raise InvalidRequest("This server keeps sessions and API keys.")
