"""An OAuth 2 and OpenID Connect server on oauthlib's server side, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

from oauthlib.common import Request, generate_token
from oauthlib.oauth2 import OAuth2Error
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc8628.endpoints import DeviceAuthorizationEndpoint
from oauthlib.openid import Server

from manager.oauth.private_use_redirect import (
    portless_loopback_redirect_uri,
    private_use_redirect_uri,
)
from manager.practice.faults import AuthorizationServerFaults
from manager.practice.http_message import HttpReply, HttpRequest, html_reply, json_reply, text_reply
from manager.practice.people import PEOPLE, picture
from manager.practice.practice_server import PracticeServer, Route

from .client_registry import ACCOUNT_MANAGER, CONFIDENTIAL, Client
from .device_authorization import (
    INTERVAL,
    LIFETIME,
    DeviceAuthorization,
    DeviceAuthorizations,
    new_user_code,
)
from .id_token import jwks
from .interaction import Interaction
from .metadata import metadata
from .pages import done_page
from .registration import Registration
from .request_validator import PracticeRequestValidator, reissued
from .token_response import distorted
from .token_store import TokenStore

_FORM = "application/x-www-form-urlencoded"
_OauthAnswer = tuple[dict[str, str], str, int]


class AuthorizationServer(PracticeServer[AuthorizationServerFaults]):
    """`with AuthorizationServer() as server: server.issuer`.

    `clients` adds to the two that are known: "account-manager" (public) and "confidential-client".
    `openid=False` makes it a plain OAuth 2 server. `approve_as` ("alice" or "bob") skips the pages.
    `registration`: programs may register themselves (RFC 7591). `interval`: seconds between the
    polls of a device.
    """

    def __init__(
        self,
        faults: AuthorizationServerFaults | None = None,
        *,
        clients: Iterable[Client] = (),
        openid: bool = True,
        approve_as: str = "",
        registration: bool = False,
        interval: float = INTERVAL,
        port: int = 0,
    ) -> None:
        super().__init__(faults or AuthorizationServerFaults(), port)
        self.clients = {each.client_id: each for each in (ACCOUNT_MANAGER, CONFIDENTIAL, *clients)}
        self.tokens = TokenStore()
        self.devices = DeviceAuthorizations()
        self.openid = openid
        self.interval = interval
        self.registration = Registration(self.clients) if registration else None
        self._validator = PracticeRequestValidator(self, self.clients, self.tokens, self.devices)
        self._oauth = Server(
            self._validator,
            token_expires_in=self._lifetime,
            token_generator=lambda request: self._new_token(request, 0),
            refresh_token_generator=lambda request: self._new_token(request, 1),
        )
        oauth: Any = self._oauth  # the stubs know nothing of a grant's validators
        for grant in (oauth.auth_grant, oauth.openid_connect_auth):
            grant.custom_validators.post_auth.append(_require_s256)
        self._interaction = Interaction(self, self._oauth, self.clients, self.devices, approve_as)

    def start(self) -> None:
        """Only now is the port known, and with it the redirect URIs that Account Manager uses for
        this server alone (RFC 8252 section 8.10)."""
        super().start()
        own = private_use_redirect_uri(self.url), portless_loopback_redirect_uri(self.url)
        for client_id in (ACCOUNT_MANAGER.client_id, CONFIDENTIAL.client_id):
            known = self.clients[client_id]
            missing = tuple(uri for uri in own if uri not in known.redirect_uris)
            self.clients[client_id] = replace(known, redirect_uris=known.redirect_uris + missing)

    @property
    def issuer(self) -> str:
        return self.url

    @property
    def reuse_detected(self) -> int:
        """How often a retired refresh token came, outside any grace window."""
        return self.counters["refresh_token_reuse"]

    def token_requests(self, grant_type: str) -> int:
        """How many requests of that grant reached the token endpoint and were processed."""
        return self.counters[f"token:{grant_type}"]

    def live_access_tokens(self) -> list[str]:
        return [each.value for each in self.tokens.live("access", self.now())]

    def live_refresh_tokens(self) -> list[str]:
        return [each.value for each in self.tokens.live("refresh", self.now())]

    def accepts(self, access_token: str) -> bool:
        """Whether a resource server would take this token now."""
        return access_token in self.live_access_tokens()

    def revoke_everything(self) -> None:
        for token in self.tokens.issued.values():
            token.revoked = True

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "issuer": self.issuer,
            "reuse_detected": self.reuse_detected,
            "live_access_tokens": len(self.live_access_tokens()),
            "live_refresh_tokens": len(self.live_refresh_tokens()),
        }

    def _new_token(self, request: Request, place: int) -> str:
        known = reissued(request, place) if self.faults.grace_pair == "same" else None
        if known and place == 0 and self._left(known) < 1:
            known = None
        return known or generate_token(43)

    def _lifetime(self, request: Request) -> int:
        """An access token that is given out a second time has lived for a while."""
        known = reissued(request, 0) if self.faults.grace_pair == "same" else None
        left = self._left(known) if known else 0
        return left if left >= 1 else self.faults.lifetime

    def _left(self, access_token: str) -> int:
        found = self.tokens.find(access_token, "access")
        ends = found.expires_at if found else None
        return 0 if ends is None else int(ends - self.now())

    def routes(self) -> tuple[Route, ...]:
        pages = self._interaction
        plain: tuple[Route, ...] = (
            Route("metadata", "GET", "/.well-known/oauth-authorization-server", self._metadata),
            Route("authorization", "GET", "/authorize", pages.authorize),
            Route("login", "POST", "/login", pages.login),
            Route("consent", "GET", "/consent", pages.show_consent),
            Route("consent", "POST", "/consent", pages.consent),
            Route("device", "GET", "/device", pages.device),
            Route("device_authorization", "POST", "/device_authorization", self._device),
            Route("token", "POST", "/token", self._token),
            Route("revocation", "POST", "/revoke", self._revoke),
            Route("introspection", "POST", "/introspect", self._introspect),
            Route("picture", "GET", "/picture/{}", self._picture),
            Route("home", "GET", "/", self._home),
        )
        registration = self.registration
        if registration is not None:
            plain = (
                *plain,
                Route("registration", "POST", "/register", self._register),
                Route("registration", "DELETE", "/register/{}", registration.delete),
            )
        if not self.openid:
            return plain
        return (
            *plain,
            Route("metadata", "GET", "/.well-known/openid-configuration", self._metadata),
            Route("jwks", "GET", "/jwks", self._jwks),
            Route("userinfo", "GET POST", "/userinfo", self._userinfo),
        )

    def _metadata(self, _: HttpRequest) -> HttpReply:
        issuer = "https://issuer.invalid" if self.faults.metadata_issuer else self.issuer
        known = self.clients["account-manager"].scopes
        # `openid` means nothing to a plain OAuth 2 server (OpenID Connect Core section 3.1.2.1).
        scopes = tuple(scope for scope in known if self.openid or scope != "openid")
        document = metadata(self.url, issuer, scopes, openid=self.openid)
        if self.registration is not None:
            document["registration_endpoint"] = f"{self.url}/register"
        return json_reply(document)

    def _register(self, request: HttpRequest) -> HttpReply:
        assert self.registration is not None
        return self.registration.register(request, self.url, self.faults)

    def _jwks(self, _: HttpRequest) -> HttpReply:
        return json_reply(jwks(self.faults.signing_key))

    def _token(self, request: HttpRequest) -> HttpReply:
        grant_type = request.form.get("grant_type", "")
        self.counters[f"token:{grant_type}"] += 1
        if grant_type == "refresh_token" and self.faults.refuse_refresh:
            return json_reply({"error": self.faults.refuse_refresh}, 400)
        reply = self._ask_oauthlib(self._oauth.create_token_response, request)
        if reply.status != 200:
            return reply
        members = self._token_members(reply, request)
        return json_reply(distorted(members, self.faults), 200, *_NO_STORE)

    def _token_members(self, reply: HttpReply, request: HttpRequest) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(reply.body)
        if request.form.get("device_code") and "openid" in members.get("scope", "").split():
            # oauthlib's device grant knows no OpenID Connect.
            asked = Request("/", "POST", request.body.decode())
            asked.user = self.tokens.issued[members["access_token"]].login
            members["id_token"] = self._validator.get_id_token(members, None, asked)
        if self.faults.omit_refresh_token:
            members.pop("refresh_token", None)
        return members

    def _revoke(self, request: HttpRequest) -> HttpReply:
        return self._ask_oauthlib(self._oauth.create_revocation_response, request)

    def _introspect(self, request: HttpRequest) -> HttpReply:
        return self._ask_oauthlib(self._oauth.create_introspect_response, request)

    def _userinfo(self, request: HttpRequest) -> HttpReply:
        try:
            headers, body, status = self._oauth.create_userinfo_response(
                f"{self.url}{request.path}", "GET", "", _only_authorization(request)
            )
        except OAuth2Error as refused:
            return HttpReply(refused.status_code, tuple(refused.headers.items()))
        return HttpReply(status, tuple(headers.items()), body.encode())

    def _device(self, request: HttpRequest) -> HttpReply:
        """RFC 8628 section 3.1."""
        endpoint: Any = DeviceAuthorizationEndpoint(
            self._validator,
            f"{self.url}/device",
            expires_in=LIFETIME,
            interval=cast("Any", self.interval),
            verification_uri_complete=self.url + "/device?user_code={user_code}",
            user_code_generator=cast("Any", new_user_code),
        )
        try:
            headers, answer, status = endpoint.create_device_authorization_response(
                f"{self.url}{request.path}", "POST", request.body.decode(), dict(request.headers)
            )
        except (OAuth2Error, ValueError) as wrong:
            error = wrong.error if isinstance(wrong, OAuth2Error) else "invalid_request"
            return json_reply({"error": error}, 400)
        device = DeviceAuthorization(
            answer["device_code"],
            answer["user_code"],
            request.form["client_id"],
            tuple(answer.get("scope", "").split()),
            self.now() + answer["expires_in"],
            self.interval,
        )
        self.devices.add(device)
        return json_reply(answer, status, *headers.items(), *_NO_STORE)

    def _ask_oauthlib(
        self, endpoint: Callable[..., _OauthAnswer], request: HttpRequest
    ) -> HttpReply:
        """Hand a form to one of oauthlib's endpoints; what it cannot read is invalid_request."""
        unreadable = json_reply({"error": "invalid_request"}, 400)
        if request.media_type != _FORM:
            return unreadable
        try:
            body = request.body.decode()
            readable = Request("/", "POST", body).decoded_body is not None
        except ValueError:
            return unreadable
        if not readable:
            return unreadable
        try:
            headers, answer, status = endpoint(
                f"{self.url}{request.path}", "POST", body, dict(request.headers)
            )
        except OAuth2Error as wrong:
            return json_reply({"error": wrong.error}, wrong.status_code, *wrong.headers.items())
        return HttpReply(status, tuple(headers.items()), (answer or "").encode())

    def _picture(self, request: HttpRequest) -> HttpReply:
        person = PEOPLE.get(request.path.rpartition("/")[2].removesuffix(".png"))
        if person is None:
            return text_reply("Not found", 404)
        return HttpReply(200, (("Content-Type", "image/png"),), picture(person.colour))

    def _home(self, _: HttpRequest) -> HttpReply:
        return html_reply(done_page("It works", f"Add {self.issuer} to Account Manager."))


_NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


def _require_s256(request: Request) -> dict[str, str]:
    """RFC 9700 section 2.1.1: never plain."""
    if request.code_challenge_method != "S256":
        raise errors.UnsupportedCodeChallengeMethodError(request=request)
    return {}


def _only_authorization(request: HttpRequest) -> dict[str, str]:
    """RFC 6750 section 2.1 alone: a token in a URL or a form is not looked at."""
    value = request.headers.get("authorization", "")
    return {"Authorization": value or "None"}
