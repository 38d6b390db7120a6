"""The dialect of the seed document: bearer tokens that renew themselves, and cookie sessions.

The document shows no answer of `verify` and `refresh`, so a token is taken from `data` or from
beside it, and what `verify` says of the person wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manager.core.account import Identity
from manager.core.credential import Credential, SessionToken
from manager.core.errors import InvalidRequest, ProviderError, RefreshRefused
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
from manager.oauth.json_object import json_object

from . import forms
from .answers import fulfilled, no_verdict, refusal
from .cookies import cookie_header
from .dialect import OneStep, Typed, session_of
from .identity import who_is
from .magnet_server import MagnetServer
from .seed_sign_in import REFRESH, TOKEN, VERIFY, SeedSignIn, issued_token

_ENDED = frozenset({"INVALID_TOKEN", "TOKEN_EXPIRED"})
RETIRE_AFTER = 3600.0
"""Seconds that programs may go on with the token that a refresh replaced."""


class SeedDialect:
    id = "seed"
    forms = (forms.SEED_PASSWORD, forms.SEED_SESSION, forms.SEED_TOKEN)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sign_in = SeedSignIn(clock)

    async def recognise(self, at: MagnetServer) -> tuple[SignInForm, ...] | None:
        """`verify` without a token answers the document's own words."""
        answer = await at.ask("GET", VERIFY)
        told = json_object(answer.body) if answer.status == 401 else None
        if told is None or told.get("success") is not False:
            return None
        known = ("AUTH_REQUIRED", "Authentication required")
        return self.forms if (told.get("code"), told.get("error")) == known else None

    def begin(self, at: MagnetServer, request: SignInRequest, form: SignInForm) -> PendingForm:
        async def sign_in(typed: Typed) -> SignInResult:
            match form.id:
                case "password":
                    return await self._sign_in.by_password(at, typed, request.scopes)
                case "session":
                    return await self._sign_in.by_session(at, typed)
                case _:
                    return await self.take_token(at, typed["token"])

        return OneStep(form, sign_in)

    async def refresh(self, at: MagnetServer, credential: Credential) -> Refreshed:
        """The token itself is what renews it."""
        old = session_of(credential)
        if old.token is None:
            raise RefreshRefused("A web session of Magnet AI cannot be renewed.")
        answer = await at.ask("POST", REFRESH, bearer(old.token), essential=True)
        issued = issued_token(fulfilled(answer), self._clock.now())
        if issued is not None:
            renewed = SessionToken(
                issued.token,
                validity=issued.validity,
                renewal_endpoint=old.renewal_endpoint,
                revocation_endpoint=old.revocation_endpoint,
                scopes=old.scopes,
                dialect=self.id,
            )
            keeps_old = old.imported or issued.token == old.token
            return Refreshed(renewed, retire_after=None if keeps_old else RETIRE_AFTER)
        if is_ended(answer.status, answer.body):
            raise RefreshRefused(f"{at.host} does not accept the token any more.")
        raise no_verdict(answer)

    async def revoke(self, at: MagnetServer, credential: Credential) -> None:
        session = session_of(credential)
        if session.imported:
            return
        if session.token is None:
            raise ProviderError(
                f"{at.host} has no way to end a web session.", hint="It ends there by itself."
            )
        answer = await at.ask("DELETE", TOKEN, bearer(session.token), essential=True)
        document = fulfilled(answer)
        done = answer.status == 204 or (
            document is not None and document.get("success") is not False
        )
        if not done and not is_ended(answer.status, answer.body):
            raise no_verdict(answer)

    async def verify(
        self, at: MagnetServer, identity: Identity, credential: Credential
    ) -> Verification:
        session = session_of(credential)
        answer = await at.ask("GET", VERIFY, self.headers(credential))
        document = fulfilled(answer)
        if document is not None and document.get("success") is True:
            who = who_is(document)
            if who is None:
                return StillSignedIn(at.server)
            return StillSignedIn(at.server, who.identity(identity.key), who.scopes, who.roles)
        code = _code(answer.status, answer.body)
        if code == "TOKEN_EXPIRED":
            return SignedOutThere("The token has expired.")
        if code == "INVALID_TOKEN" or (code == "AUTH_REQUIRED" and session.token is None):
            return SignedOutThere("The server does not know this sign-in any more.")
        raise refusal(answer) if answer.status == 403 else no_verdict(answer)

    def headers(self, credential: Credential) -> Mapping[str, str]:
        session = session_of(credential)
        return cookie_header(session.cookies) if session.token is None else bearer(session.token)

    async def take_token(self, at: MagnetServer, token: Secret) -> SignInResult:
        return await self._sign_in.by_token(at, token)

    async def take_key(self, at: MagnetServer, key: Secret) -> SignInResult:
        raise InvalidRequest(f"{at.host} knows tokens, but no API keys.")

    def kinds(self, credential: Credential) -> tuple[CredentialKind, ...]:
        """The document has no list of what it issued; a token is made by signing in."""
        return ()

    async def listed(
        self, at: MagnetServer, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]:
        raise _no_lists()

    async def create(
        self, at: MagnetServer, credential: Credential, kind: str, values: Typed
    ) -> CreatedCredential:
        raise _no_lists()

    async def end(
        self, at: MagnetServer, credential: Credential, kind: str, credential_id: str
    ) -> None:
        raise _no_lists()


def is_ended(status: int, body: bytes) -> bool:
    """The document's two words for a token that is over."""
    return _code(status, body) in _ENDED


def _code(status: int, body: bytes) -> str:
    told = json_object(body) if status == 401 else None
    if told is None or told.get("success") is not False:
        return ""
    code = told.get("code")
    return code if isinstance(code, str) else ""


def _no_lists() -> InvalidRequest:
    return InvalidRequest(
        "This server keeps no list of what it has issued.",
        hint="Sign in once more for another token; signing out revokes it.",
    )
