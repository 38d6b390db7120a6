"""The browser's side: authorization endpoint, login, consent, and the code that a device shows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import AccessDeniedError, FatalClientError, OAuth2Error
from oauthlib.openid import Server

from manager.practice.http_message import HttpReply, HttpRequest, html_reply, redirect_reply
from manager.practice.people import PEOPLE

from .client_registry import Client
from .device_authorization import DeviceAuthorization, DeviceAuthorizations
from .pages import consent_page, device_page, done_page, error_page, login_page
from .request_validator import Conditions

_COOKIE = "practice_session"


@dataclass(slots=True)
class Transaction:
    """An authorization request, or a device, that waits for the person's answer."""

    id: str
    client: Client
    scopes: tuple[str, ...]
    uri: str = ""
    device: DeviceAuthorization | None = None


class Interaction:
    """Pages and forms. `approve_as` answers every request at once as that person."""

    def __init__(
        self,
        conditions: Conditions,
        oauth: Server,
        clients: Mapping[str, Client],
        devices: DeviceAuthorizations,
        approve_as: str,
    ) -> None:
        self._conditions = conditions
        self._oauth = oauth
        self._clients = clients
        self._devices = devices
        self._approve_as = approve_as
        self._transactions: dict[str, Transaction] = {}
        self._sessions: dict[str, str] = {}

    def authorize(self, request: HttpRequest) -> HttpReply:
        """RFC 6749 section 4.1.1; what is wrong with client or redirect URI stays on a page."""
        uri = f"{self._conditions.issuer}{request.target}"
        try:
            scopes, info = self._oauth.validate_authorization_request(uri)
        except FatalClientError as fatal:
            return html_reply(error_page(f"{fatal.description or fatal.error}."), 400)
        except OAuth2Error as wrong:
            return self._redirect(wrong.in_uri(wrong.redirect_uri or ""))
        except ValueError:
            return html_reply(error_page("The request cannot be read."), 400)
        client = self._clients[info["client_id"]]
        transaction = self._begin(Transaction(secrets.token_urlsafe(), client, tuple(scopes), uri))
        if self._approve_as:
            return self._decided(transaction, self._approve_as, allowed=True)
        prompt = request.query.get("prompt", "").split()
        fresh_login = "login" in prompt or "select_account" in prompt
        return self._ask(request, transaction, fresh_login=fresh_login)

    def device(self, request: HttpRequest) -> HttpReply:
        """RFC 8628 section 3.3."""
        typed = request.query.get("user_code", "")
        if not typed:
            return html_reply(device_page(""))
        device = self._devices.for_user_code(typed, self._conditions.now())
        if device is None:
            return html_reply(device_page(typed, "There is no such code, or it has expired."), 404)
        client = self._clients[device.client_id]
        waiting = Transaction(secrets.token_urlsafe(), client, device.scopes, device=device)
        return self._ask(request, self._begin(waiting), fresh_login=False)

    def login(self, request: HttpRequest) -> HttpReply:
        transaction = self._transactions.get(request.form.get("transaction", ""))
        if transaction is None:
            return self._gone()
        login = request.form.get("login", "").strip().lower()
        if login not in PEOPLE:
            page = login_page(
                transaction.id, transaction.client.name, login, "Nobody of that name lives here."
            )
            return html_reply(page, 401)
        session = secrets.token_urlsafe()
        self._sessions[session] = login
        cookie = f"{_COOKIE}={session}; HttpOnly; SameSite=Lax; Path=/"
        query = urlencode({"transaction": transaction.id})
        return redirect_reply(f"/consent?{query}", 303, ("Set-Cookie", cookie))

    def show_consent(self, request: HttpRequest) -> HttpReply:
        transaction = self._transactions.get(request.query.get("transaction", ""))
        if transaction is None:
            return self._gone()
        return self._ask(request, transaction, fresh_login=False)

    def consent(self, request: HttpRequest) -> HttpReply:
        transaction = self._transactions.get(request.form.get("transaction", ""))
        login = self._sessions.get(request.cookies.get(_COOKIE, ""))
        if transaction is None or login is None:
            return self._gone()
        return self._decided(transaction, login, allowed=request.form.get("decision") == "allow")

    def _begin(self, transaction: Transaction) -> Transaction:
        self._transactions[transaction.id] = transaction
        return transaction

    def _ask(
        self, request: HttpRequest, transaction: Transaction, *, fresh_login: bool
    ) -> HttpReply:
        login = self._sessions.get(request.cookies.get(_COOKIE, ""))
        if login is None or fresh_login:
            hint = request.query.get("login_hint", "")
            return html_reply(login_page(transaction.id, transaction.client.name, hint))
        name = transaction.client.name
        return html_reply(consent_page(transaction.id, name, login, transaction.scopes))

    def _decided(self, transaction: Transaction, login: str, *, allowed: bool) -> HttpReply:
        del self._transactions[transaction.id]
        allowed = allowed and not self._conditions.faults.deny
        if transaction.device is not None:
            transaction.device.denied = not allowed
            transaction.device.login = login if allowed else ""
            return html_reply(
                done_page("Connected", "You can go back to your device.")
                if allowed
                else done_page("Not connected", "The device gets no access.")
            )
        asked = dict(parse_qsl(urlsplit(transaction.uri).query, keep_blank_values=True))
        if not allowed:
            denied = AccessDeniedError(state=asked.get("state"))
            return self._redirect(denied.in_uri(asked["redirect_uri"]))
        headers, _, _ = self._oauth.create_authorization_response(
            transaction.uri, scopes=list(transaction.scopes), credentials={"user": login}
        )
        return self._redirect(headers["Location"])

    def _redirect(self, location: str) -> HttpReply:
        """The response with `iss` (RFC 9207), by 303 so that no form is sent on (RFC 9700 4.12)."""
        faults = self._conditions.faults
        if faults.response_state:
            location = _replacing(location, "state", faults.response_state)
        if faults.response_issuer != "absent":
            wrong = "https://issuer.invalid"
            issuer = wrong if faults.response_issuer else self._conditions.issuer
            location = add_params_to_uri(location, [("iss", issuer)])
        return redirect_reply(location, 303)

    def _gone(self) -> HttpReply:
        return html_reply(error_page("This sign-in has ended."), 400)


def _replacing(location: str, name: str, how: str) -> str:
    uri, _, query = location.partition("?")
    kept = [each for each in parse_qsl(query, keep_blank_values=True) if each[0] != name]
    if how != "absent":
        kept.append((name, "not the state that was sent"))
    return f"{uri}?{urlencode(kept)}"
