"""The Auth0 tenant: pages for people, device codes, tokens, revocation (auth0.com/docs/api)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from manager.practice.authorization_server.id_token import jwks
from manager.practice.http_message import (
    HttpReply,
    HttpRequest,
    html_reply,
    json_reply,
    redirect_reply,
)
from manager.practice.people import PEOPLE
from manager.practice.practice_server import PracticeServer, Route

from .device_codes import DeviceCode, DeviceCodes
from .faults import MeshFaults
from .grants import REFUSED, Grant, Grants, Refused, Terms
from .pages import code_page, login_page, said

WEB_CLIENT = "practice-web-client"
DEVICE_CLIENT = "practice-device-client"


@dataclass(slots=True)
class Code:
    """An authorization code, or the request that it will answer."""

    client_id: str
    redirect_uri: str
    scope: str
    audience: str
    state: str = ""
    challenge: str = ""
    nonce: str | None = None
    login: str = ""
    transaction: str = field(default_factory=secrets.token_urlsafe)


class Auth0Tenant(PracticeServer[MeshFaults]):
    """`issued` of its grants and `codes`: every secret so far. Public clients only; the backend
    holds the web client's secret and exchanges for it."""

    def __init__(self, faults: MeshFaults) -> None:
        super().__init__(faults)
        self.grants = Grants()
        self.devices = DeviceCodes()
        self.codes: dict[str, Code] = {}
        self._waiting: dict[str, Code | DeviceCode] = {}

    @property
    def domain(self) -> str:
        return urlsplit(self.url).netloc

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("metadata", "GET", "/.well-known/openid-configuration", self._metadata),
            Route("jwks", "GET", "/.well-known/jwks.json", lambda _: json_reply(jwks(0))),
            Route("authorize", "GET", "/authorize", self._authorize),
            Route("activate", "GET", "/activate", self._activate),
            Route("login", "POST", "/u/login", self._login),
            Route("device_code", "POST", "/oauth/device/code", self._device_code),
            Route("token", "POST", "/oauth/token", self._token),
            Route("revoke", "POST", "/oauth/revoke", self._revoke),
            Route("userinfo", "GET", "/userinfo", self._userinfo),
        )

    def revoke_everything(self) -> None:
        self.grants.end_all()

    def terms(self) -> Terms:
        faults = self.faults
        return Terms(f"{self.url}/", self.now(), faults.lifetime, not faults.omit_expires_in)

    def redeem(self, code: str, redirect_uri: str, client_id: str, verifier: str = "") -> Any:
        """The tokens for a code. Raises Refused."""
        found = self.codes.pop(code, None)
        if found is None or (found.redirect_uri, found.client_id) != (redirect_uri, client_id):
            raise Refused
        if found.challenge != (_s256(verifier) if verifier else ""):
            raise Refused
        grant = Grant(found.login, client_id, found.scope, found.audience)
        return self.grants.begin(grant, self.terms(), found.nonce)

    def renew(self, refresh_token: str, client_id: str) -> dict[str, Any]:
        """Raises Refused."""
        faults = self.faults
        self.counters["refresh"] += 1
        return self.grants.refresh(
            refresh_token,
            client_id,
            self.terms(),
            rotation=faults.rotation,
            omit=faults.omit_refresh_token,
        )

    # For people --------------------------------------------------------------------------------

    def _authorize(self, request: HttpRequest) -> HttpReply:
        asked = request.query
        known = asked.get("client_id") in (WEB_CLIENT, DEVICE_CLIENT)
        redirect = urlsplit(asked.get("redirect_uri", ""))
        local = redirect.hostname == "localhost" and redirect.path == "/callback"
        if not known or not local or asked.get("response_type") != "code":
            return html_reply(said("Oops!", "The request is not right (unauthorized client)."), 403)
        code = Code(
            client_id=asked["client_id"],
            redirect_uri=asked["redirect_uri"],
            scope=asked.get("scope", ""),
            audience=asked.get("audience", ""),
            state=asked.get("state", ""),
            challenge=asked.get("code_challenge", ""),
            nonce=asked.get("nonce"),
        )
        self._waiting[code.transaction] = code
        return html_reply(login_page(code.transaction))

    def _activate(self, request: HttpRequest) -> HttpReply:
        typed = request.query.get("user_code", "")
        if not typed:
            return html_reply(code_page(""))
        device = self.devices.shown(typed, self.now())
        if device is None:
            return html_reply(code_page(typed, "The code is not correct."), 404)
        transaction = secrets.token_urlsafe()
        self._waiting[transaction] = device
        return html_reply(login_page(transaction, device.user_code))

    def _login(self, request: HttpRequest) -> HttpReply:
        form = request.form
        transaction, login = form.get("transaction", ""), form.get("login", "").partition("@")[0]
        waiting = self._waiting.get(transaction)
        if waiting is None:
            return html_reply(said("Oops!", "This log-in has ended."), 400)
        if login not in PEOPLE:
            return html_reply(login_page(transaction, problem="Wrong email or password."), 400)
        del self._waiting[transaction]
        allowed = form.get("action") != "deny"
        if isinstance(waiting, DeviceCode):
            waiting.denied, waiting.login = not allowed, login if allowed else ""
            return html_reply(said("Congratulations, you're all set!", "Go back to your device."))
        waiting.login = login
        return redirect_reply(self._back(waiting, allowed=allowed))

    def _back(self, code: Code, *, allowed: bool) -> str:
        state = "not-the-one-that-was-sent" if self.faults.return_wrong_state else code.state
        if not allowed:
            answer = {"error": "access_denied", "error_description": "User did not authorize"}
        else:
            value = secrets.token_urlsafe(32)
            self.codes[value] = code
            self.grants.issued.add(value)
            answer = {"code": value}
        return f"{code.redirect_uri}?{urlencode({**answer, 'state': state})}"

    # For programs ------------------------------------------------------------------------------

    def _metadata(self, _: HttpRequest) -> HttpReply:
        base = self.url
        return json_reply(
            {
                "issuer": f"{base}/",
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/oauth/token",
                "device_authorization_endpoint": f"{base}/oauth/device/code",
                "userinfo_endpoint": f"{base}/userinfo",
                "revocation_endpoint": f"{base}/oauth/revoke",
                "jwks_uri": f"{base}/.well-known/jwks.json",
                "scopes_supported": ["openid", "profile", "offline_access", "name", "email"],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256", "plain"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
                "id_token_signing_alg_values_supported": ["HS256", "RS256"],
            }
        )

    def _device_code(self, request: HttpRequest) -> HttpReply:
        form = request.form
        if form.get("client_id") != DEVICE_CLIENT:
            return _error("unauthorized_client", "Grant type not allowed for the client.")
        faults = self.faults
        device = DeviceCode(
            client_id=DEVICE_CLIENT,
            scope=form.get("scope", ""),
            audience=form.get("audience", ""),
            expires_at=self.now() + faults.device_lifetime,
            interval=faults.device_interval,
        )
        self.devices.add(device)
        self.grants.issued.add(device.code)
        page = f"{self.url}/activate"
        return json_reply(
            {
                "device_code": device.code,
                "user_code": device.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={device.user_code}",
                "expires_in": int(faults.device_lifetime),
                "interval": faults.device_interval,
            }
        )

    def _token(self, request: HttpRequest) -> HttpReply:
        form = request.form
        client_id = form.get("client_id", "")
        if form.get("grant_type", "").endswith(":device_code"):
            return self._poll(form.get("device_code", ""), client_id)
        try:
            if form.get("grant_type") == "refresh_token":
                return json_reply(self.renew(form.get("refresh_token", ""), client_id))
            verifier = form.get("code_verifier") or "none"
            code, uri = form.get("code", ""), form.get("redirect_uri", "")
            return json_reply(self.redeem(code, uri, client_id, verifier))
        except Refused:
            return _error("invalid_grant", REFUSED)

    def _poll(self, code: str, client_id: str) -> HttpReply:
        found = self.devices.poll(code, client_id, self.now())
        if isinstance(found, DeviceCode):
            grant = Grant(found.login, client_id, found.scope, found.audience)
            return json_reply(self.grants.begin(grant, self.terms()))
        return _error(*found, status=self.faults.device_status)

    def _revoke(self, request: HttpRequest) -> HttpReply:
        """As Auth0: a refresh token ends its grant, every other token is passed by with 200."""
        try:
            sent = request.form or request.json()
        except ValueError:
            sent = {}
        if sent.get("client_id") not in (WEB_CLIENT, DEVICE_CLIENT):
            return _error("invalid_client", "The client is not known.", status=401)
        self.grants.revoke(str(sent.get("token")))
        return HttpReply(200)

    def _userinfo(self, request: HttpRequest) -> HttpReply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        login = self.grants.holder(token, self.now(), must_live=False)
        if login is None:
            return HttpReply(401)
        person = PEOPLE[login]
        told = {"sub": f"auth0|{person.subject}", "name": person.name, "email": person.email}
        return json_reply(told)


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _error(code: str, description: str, *, status: int = 403) -> HttpReply:
    return json_reply({"error": code, "error_description": description}, status)
