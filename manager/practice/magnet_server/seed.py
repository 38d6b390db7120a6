"""The dialect of the seed document: bearer tokens with scopes, and sessions with a cookie."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.practice_server import Route

from .json_body import json_body
from .members import MEMBERS, SCOPES, Member, member_who_types
from .seed_tokens import SeedToken, SeedTokens
from .signed_token import sign
from .windows import Windows

if TYPE_CHECKING:
    from .server import MagnetServer

SESSION_COOKIE = "session"
AUTH_REQUIRED = {"success": False, "error": "Authentication required", "code": "AUTH_REQUIRED"}
INVALID_TOKEN = {"success": False, "error": "Invalid token", "code": "INVALID_TOKEN"}
TOKEN_EXPIRED = {"success": False, "error": "Token has expired", "code": "TOKEN_EXPIRED"}
# The document has no words for these three.
INVALID_CREDENTIALS = {
    "success": False,
    "error": "Invalid username or password",
    "code": "INVALID_CREDENTIALS",
}
RATE_LIMITED = {"success": False, "error": "Rate limit exceeded", "code": "RATE_LIMITED"}
NOT_FOUND = {"success": False, "error": "Not found", "code": "NOT_FOUND"}


class SeedDialect:
    resource = "/api/agents"

    def __init__(self, server: MagnetServer) -> None:
        self._server = server
        self._windows = Windows(60)
        self.tokens = SeedTokens()

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("token", "POST", "/api/auth/token", self._issue),
            Route("revoke", "DELETE", "/api/auth/token", self._revoke),
            Route("verify", "GET", "/api/auth/verify", self._verify),
            Route("refresh", "POST", "/api/auth/refresh", self._refresh),
            Route("login", "POST", "/api/auth/login", self._log_in),
            Route("agents", "GET", "/api/agents", self._needs("agents:read")),
            Route("agents", "POST", "/api/agents", self._needs("agents:write")),
            Route("conversations", "GET", "/api/conversations", self._needs("conversations:read")),
            Route(
                "conversations", "POST", "/api/conversations", self._needs("conversations:write")
            ),
            Route("models", "GET", "/api/models", self._needs("models:read")),
            Route("models", "POST", "/api/models", self._needs("models:write")),
            Route("settings", "GET", "/api/settings", self._needs("admin")),
        )

    def process(self, request: HttpRequest, answer: Callable[[], HttpReply | None]) -> HttpReply:
        """Every answer says where the token stands; beyond the limit it is 429."""
        limit, now, shown = self._server.faults.rate_limit, self._server.now(), _shown(request)
        standing = (
            self._windows.count(shown, limit, now) if shown else self._windows.untouched(limit, now)
        )
        if standing.remaining < 0:
            wait = ("Retry-After", str(max(1, round(standing.reset - now))))
            self._server.counters["over_the_limit"] += 1
            return json_reply(RATE_LIMITED, 429, wait).adding(*standing.headers())
        return (answer() or json_reply(NOT_FOUND, 404)).adding(*standing.headers())

    def accepts(self, request: HttpRequest) -> bool:
        return isinstance(self._who(request), SeedToken)

    def new_token(self, login: str = "alice") -> str:
        """A token as its owner makes one in Settings, API Tokens."""
        member = MEMBERS[login]
        return self._new(member, member.scopes, ()).value

    def revoke_everything(self) -> None:
        self.tokens.live.clear()

    def state(self) -> dict[str, Any]:
        return {"live_tokens": len(self.tokens.live)}

    def _issue(self, request: HttpRequest) -> HttpReply:
        body = json_body(request)
        member = member_who_types(body.get("username"), body.get("password"))
        if member is None:
            return json_reply(INVALID_CREDENTIALS, 401)
        scopes = body.get("scopes", list(member.scopes))
        addresses = body.get("allowed_ips", [])
        if not _strings(scopes) or not set(scopes) <= set(SCOPES) or not _strings(addresses):
            return json_reply({"success": False, "error": "Invalid request"}, 400)
        denied = next((scope for scope in scopes if scope not in member.scopes), None)
        if denied is not None:
            return self._forbidden(denied)
        return json_reply({"success": True, "data": _told(self._new(member, scopes, addresses))})

    def _log_in(self, request: HttpRequest) -> HttpReply:
        body = json_body(request)
        member = member_who_types(body.get("username"), body.get("password"))
        if member is None:
            return json_reply(INVALID_CREDENTIALS, 401)
        value = self._server.note(secrets.token_urlsafe(32))
        lifetime = self._server.faults.token_lifetime
        self.tokens.keep(SeedToken(value, member, member.scopes, (), self._server.now() + lifetime))
        cookie = f"{SESSION_COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lifetime:.0f}"
        told = {"success": True, "data": {"user": _user(member)}}
        return json_reply(told, 200, ("Set-Cookie", cookie))

    def _verify(self, request: HttpRequest) -> HttpReply:
        who = self._who(request)
        if isinstance(who, HttpReply):
            return who
        told = {
            "valid": True,
            "user": _user(who.member),
            "scopes": list(who.scopes),
            "expires_at": who.expiry,
        }
        return json_reply({"success": True, "data": told})

    def _refresh(self, request: HttpRequest) -> HttpReply:
        shown = _shown(request)
        if shown in self.tokens.refreshed:
            self._server.counters["refresh_token_reuse"] += 1
        who = self._who(request)
        if isinstance(who, HttpReply):
            return who
        self._server.counters["refreshed"] += 1
        self.tokens.refreshed.add(shown)
        if self._server.faults.rotation:
            self.tokens.end(shown)
        told = _told(self._new(who.member, who.scopes, who.allowed_ips))
        if self._server.faults.refresh_shape == "flat":
            return json_reply({"success": True, **told})
        return json_reply({"success": True, "data": told})

    def _revoke(self, request: HttpRequest) -> HttpReply:
        who = self._who(request)
        if isinstance(who, HttpReply):
            return who
        self.tokens.end(who.value)
        return json_reply({"success": True})

    def _needs(self, scope: str) -> Callable[[HttpRequest], HttpReply]:
        def answer(request: HttpRequest) -> HttpReply:
            who = self._who(request)
            if isinstance(who, HttpReply):
                return who
            if not who.may(scope):
                return self._forbidden(scope)
            return json_reply({"success": True, "data": []})

        return answer

    def _who(self, request: HttpRequest) -> SeedToken | HttpReply:
        shown = _shown(request)
        if not shown:
            return json_reply(AUTH_REQUIRED, 401)
        found = self.tokens.find(shown)
        if found is None:
            return json_reply(INVALID_TOKEN, 401)
        if self._server.now() >= found.expires_at:
            return json_reply(TOKEN_EXPIRED, 401)
        if found.allowed_ips and self._server.faults.client_ip not in found.allowed_ips:
            return self._forbidden(None)
        return found

    def _forbidden(self, scope: str | None) -> HttpReply:
        told: dict[str, Any] = {"success": False, "error": "Insufficient permissions"}
        if scope is None:
            told["error"] = "IP address not allowed"
        if self._server.faults.forbidden_code:
            told["code"] = "FORBIDDEN"
        if scope is not None:
            told["required_scope"] = scope
        return json_reply(told, 403)

    def _new(
        self, member: Member, scopes: tuple[str, ...] | list[str], addresses: Any
    ) -> SeedToken:
        now = self._server.now()
        expires_at = now + self._server.faults.token_lifetime
        claims = {
            "sub": member.login,
            "role": member.role,
            "scopes": list(scopes),
            "iat": int(now),
            "exp": int(expires_at),
            "jti": secrets.token_hex(8),
        }
        value = self._server.note(sign(claims, self._server.secret))
        return self.tokens.keep(
            SeedToken(value, member, tuple(scopes), tuple(addresses), int(expires_at))
        )


def _shown(request: HttpRequest) -> str:
    header = request.headers.get("authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return request.cookies.get(SESSION_COOKIE, "")


def _told(token: SeedToken) -> dict[str, str]:
    return {"token": token.value, "expires_at": token.expiry}


def _user(member: Member) -> dict[str, str]:
    return {
        "id": member.user_id,
        "username": member.login,
        "email": member.email,
        "name": member.name,
        "role": member.role,
    }


def _strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
