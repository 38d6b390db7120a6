"""Signing in to v2: e-mail and password, then a code where the server asks for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from manager.core.credential import SessionToken
from manager.core.errors import (
    AccountManagerError,
    CredentialsRefused,
    InvalidRequest,
    ProviderError,
    SignInExpired,
)
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm
from manager.oauth.json_object import strings
from manager.oauth.server_text import shown
from manager.oauth.token_text import usable_token
from manager.oauth.unverified_claims import claims_of, validity_when_issued
from manager.providers.http_answer import HttpAnswer

from .answers import error_text, fulfilled, no_verdict
from .cookies import cookie_header, received_cookies
from .dialect import Typed
from .forms import V2_PASSWORD, V2_SECOND_FACTOR, prefilled
from .identity import Who, who_is
from .magnet_server import MagnetServer

AUTH = "/api/v2/auth"
ME = f"{AUTH}/me"
REFRESH = f"{AUTH}/refresh"
LOGOUT = f"{AUTH}/logout"
_CHALLENGE = "mfa_challenge"
_TIME_FOR_A_CODE = 300.0


class V2SignIn:
    """Keeps the challenge between the two forms, and nothing that was typed. The challenge goes to
    the path that it was set for and nowhere else."""

    def __init__(self, at: MagnetServer, clock: Clock, login_hint: str | None) -> None:
        self._at = at
        self._password = prefilled(V2_PASSWORD, "email", login_hint)
        self._clock = clock
        self._challenge: Secret | None = None
        self._challenged_at = 0.0

    @property
    def form(self) -> SignInForm:
        return self._password if self._challenge is None else V2_SECOND_FACTOR

    async def submit(self, values: Typed) -> SignInResult | SignInForm:
        if self._challenge is not None:
            return await self._answer(self._challenge, values["code"])
        body = {"email": values["email"].reveal(), "password": values["password"].reveal()}
        answer = await self._at.ask("POST", f"{AUTH}/login", json=body)
        document = fulfilled(answer)
        if document is not None and document.get("mfa_required") is True:
            challenge = cookie_of(answer, _CHALLENGE)
            if challenge is None:
                raise no_verdict(answer)
            self._challenge, self._challenged_at = challenge, self._clock.now().boot
            return self.form
        return await self._signed_in(answer, refused=_password_refused)

    async def _answer(self, challenge: Secret, code: Secret) -> SignInResult:
        expired = SignInExpired(f"{self._at.host} waited five minutes for the code.")
        if self._clock.now().boot - self._challenged_at >= _TIME_FOR_A_CODE:
            raise expired
        headers = cookie_header(((_CHALLENGE, challenge),))
        body = {"code": code.reveal().replace(" ", "")}
        answer = await self._at.ask("POST", f"{AUTH}/mfa/verify", headers, json=body)
        if answer.status == 401 and "challenge" in error_text(answer):
            raise expired
        return await self._signed_in(answer, refused=_code_refused)

    async def _signed_in(
        self, answer: HttpAnswer, *, refused: Callable[[str, HttpAnswer], AccountManagerError]
    ) -> SignInResult:
        session = session_from(self._at, answer, self._clock)
        if session is None or session.token is None:
            raise refused(self._at.host, answer)
        try:
            who = who_is(fulfilled(await self._at.ask("GET", ME, bearer(session.token))))
        except AccountManagerError:
            who = None  # signed in already: silence now must not undo it
        return session_result(self._at, session, session.token, who)


def session_from(
    at: MagnetServer, answer: HttpAnswer, clock: Clock, old: SessionToken | None = None
) -> SessionToken | None:
    """The session that `{"access_token"}` and the cookie `refresh_token` make; None where there is
    no token. A renewal without a new cookie keeps the old one."""
    token = usable_token((fulfilled(answer) or {}).get("access_token"))
    if token is None:
        return None
    refresh_token = cookie_of(answer, "refresh_token") or (old.refresh_token if old else None)
    return SessionToken(
        token,
        validity=validity_when_issued(token, clock.now()),
        refresh_token=refresh_token,
        renewal_endpoint=f"{at.origin}{REFRESH}" if refresh_token else None,
        revocation_endpoint=f"{at.origin}{LOGOUT}" if refresh_token else None,
        scopes=old.scopes if old else (),
        dialect="v2",
    )


def session_result(
    at: MagnetServer, session: SessionToken, token: Secret, who: Who | None
) -> SignInResult:
    """Where `/me` said nothing, the token's own claims tell who it is."""
    known = who or _claimed(token)
    if known is None:
        raise ProviderError(f"{at.host} does not say who has signed in.")
    scopes = known.scopes or ()
    return SignInResult(
        at.server,
        known.identity(),
        replace(session, scopes=scopes),
        scopes=scopes,
        roles=known.roles,
    )


def bearer(token: Secret) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.reveal()}"}


def cookie_of(answer: HttpAnswer, name: str) -> Secret | None:
    found = [each.value for each in received_cookies(answer.set_cookies) if each.name == name]
    return found[-1] if found else None


def _claimed(token: Secret) -> Who | None:
    """`sub` is the e-mail address; `extras` holds the id and the roles."""
    claims = claims_of(token)
    extras = claims.get("extras")
    extras = extras if isinstance(extras, dict) else {}
    label, subject = shown(claims.get("sub")), shown(extras.get("user_id"))
    if not (label or subject):
        return None
    roles = tuple(shown(role, 64) for role in strings(extras.get("roles")) or ())
    return Who(subject or label, label or subject, label or subject, roles=roles)


def _password_refused(host: str, answer: HttpAnswer) -> AccountManagerError:
    said = error_text(answer)
    if answer.status == 401 and said:
        if said.startswith("Account is inactive"):
            return CredentialsRefused(
                f"This account is not active at {host}.", hint="Ask its administrator."
            )
        if said.startswith("Email not verified"):
            return CredentialsRefused(
                f"{host} wants the e-mail address confirmed first.",
                hint="Follow the link in the mail that it sent.",
            )
        return CredentialsRefused(f"{host} does not accept this e-mail address and password.")
    if answer.status == 400 and said:
        return InvalidRequest(
            f"{host} does not let people sign in with a password, or not with this one.",
            hint="Use an API key.",
        )
    return no_verdict(answer)


def _code_refused(host: str, answer: HttpAnswer) -> AccountManagerError:
    if answer.status == 401 and error_text(answer):
        return CredentialsRefused(f"{host} does not accept this code.")
    return no_verdict(answer)
