"""`/api/v2/auth`: login with a second factor, short tokens, refresh by cookie, sessions, keys.

After the server's source, routes/auth_v2.py and middlewares/{auth,csrf,rate_limit}.py of
0.7.0-alpha. Its framework answers a POST with 201 and a DELETE with 204 unless a route says
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.practice_server import Route

from .json_body import json_body
from .members import Member, member_who_types
from .signed_token import read, sign
from .v2_access import Caller, V2Access
from .v2_resources import V2Resources
from .v2_sessions import Conflict, Refused, Session, Sessions
from .windows import Windows

if TYPE_CHECKING:
    from .server import MagnetServer

MFA_CODE = "123456"
_LIMITS = {"login": (10, 60.0), "mfa_verify": (10, 300.0)}


class V2Dialect:
    resource = "/api/user/agents"

    def __init__(self, server: MagnetServer) -> None:
        self._server = server
        self._windows = {name: Windows(seconds) for name, (_, seconds) in _LIMITS.items()}
        self.sessions = Sessions()
        self.access = V2Access(server)
        self.resources = V2Resources(server, self.access)

    def routes(self) -> tuple[Route, ...]:
        auth, as_caller = "/api/v2/auth", self.access.checked
        return (
            Route("providers", "GET", f"{auth}/providers", self._providers),
            Route("login", "POST", f"{auth}/login", self._log_in),
            Route("mfa_verify", "POST", f"{auth}/mfa/verify", self._verify_code),
            Route("refresh", "POST", f"{auth}/refresh", self._refresh),
            Route("me", "GET", f"{auth}/me", as_caller(lambda who, _: json_reply(who.told))),
            Route("logout", "POST", f"{auth}/logout", self._log_out),
            Route("sessions", "GET", f"{auth}/sessions", as_caller(self._list)),
            Route("sessions", "DELETE", f"{auth}/sessions", as_caller(self._end_others)),
            Route("sessions", "DELETE", f"{auth}/sessions/{{}}", as_caller(self._end)),
            *self.resources.routes(),
        )

    def process(self, request: HttpRequest, answer: Callable[[], HttpReply | None]) -> HttpReply:
        return self.access.forgery(request) or answer() or json_reply({"error": "Not Found"}, 404)

    def accepts(self, request: HttpRequest) -> bool:
        return isinstance(self.access.who(request), Caller)

    def new_key(self, login: str = "alice", *scopes: str) -> str:
        return self.resources.new_key(login, scopes)

    def revoke_everything(self) -> None:
        """The operator changes SECRET_KEY too: tokens that are under way end at once."""
        self.sessions.end_all(self._server.now())
        self.access.keys.by_id.clear()
        self._server.renew_secret()

    def state(self) -> dict[str, Any]:
        return {"live_sessions": len(self.sessions.active(self._server.now()))}

    def _providers(self, _: HttpRequest) -> HttpReply:
        sso = {"name": "microsoft", "type": "oidc", "displayName": "Microsoft"}
        local = {"name": "local", "type": "local", "displayName": "Email & Password"}
        return json_reply([local, sso] if self._server.faults.local_login else [sso])

    def _log_in(self, request: HttpRequest) -> HttpReply:
        refusal = self._too_many("login") or self._local_only()
        if refusal is not None:
            return refusal
        body = json_body(request)
        member = member_who_types(body.get("email"), body.get("password"))
        if member is None:
            return json_reply({"error": "Invalid email or password"}, 401)
        if member.login in self._server.faults.mfa:
            return self._challenge(member)
        return self._welcome(request, member, {"email": member.email})

    def _challenge(self, member: Member) -> HttpReply:
        claims = {
            "sub": member.email,
            "exp": int(self._server.now()) + 300,
            "jti": str(uuid4()),
            "extras": {"user_id": member.user_id, "purpose": "mfa_challenge"},
        }
        value = self._server.note(sign(claims, self._server.secret))
        cookie = (
            f"mfa_challenge={value}; HttpOnly; Max-Age=300; Path=/api/v2/auth/mfa;"
            " SameSite=lax; Secure"
        )
        told = {"mfa_required": True, "message": "MFA verification required"}
        return json_reply(told, 201, ("Set-Cookie", cookie))

    def _verify_code(self, request: HttpRequest) -> HttpReply:
        refusal = self._too_many("mfa_verify") or self._local_only()
        if refusal is not None:
            return refusal
        value = request.cookies.get("mfa_challenge")
        if not value:
            return _unauthorized("MFA challenge not found — please login first")
        claims = read(value, self._server.secret, self._server.now())
        if claims is None:
            return _unauthorized("Invalid or expired MFA challenge")
        extras = claims.get("extras", {})
        if extras.get("purpose") != "mfa_challenge":
            return _unauthorized("Invalid token purpose")
        member = self.access.member(extras.get("user_id"))
        if member is None:
            return _unauthorized("User not found")
        if json_body(request).get("code") != MFA_CODE:
            return _unauthorized("Invalid MFA code")
        gone = "mfa_challenge=; Max-Age=0; Path=/api/v2/auth/mfa; SameSite=lax"
        return self._welcome(request, member, {}).adding(("Set-Cookie", gone))

    def _welcome(self, request: HttpRequest, member: Member, more: dict[str, str]) -> HttpReply:
        faults = self._server.faults
        session = self.sessions.begin(
            member, request.headers.get("user-agent"), self._server.now(), faults.refresh_lifetime
        )
        told = {"token_type": "bearer", "user_id": member.user_id, **more}
        return self._with_tokens(session, told, "password")

    def _refresh(self, request: HttpRequest) -> HttpReply:
        shown, faults = request.cookies.get("refresh_token"), self._server.faults
        if not shown:
            return _unauthorized("No refresh token provided")
        try:
            self._server.meet_lock()
            session = self.sessions.rotate(
                shown,
                request.headers.get("user-agent"),
                self._server.now(),
                faults.refresh_lifetime,
                faults.grace,
            )
        except Conflict as conflict:
            told = {"error": str(conflict), "retryable": True}
            return json_reply(told, 409, ("Retry-After", "1"))
        except Refused as no:
            if "reuse" in str(no):
                self._server.counters["refresh_token_reuse"] += 1
            return _unauthorized(str(no))
        self._server.counters["refreshed"] += 1
        return self._with_tokens(session, {"token_type": "bearer"}, "refresh")

    def _with_tokens(self, session: Session, told: dict[str, str], method: str) -> HttpReply:
        faults = self._server.faults
        access = self._server.note(self.access.new_token(session.member, method))
        refresh = self._server.note(session.value)
        cookie = "{}={}; HttpOnly; Max-Age={:.0f}; Path=/; SameSite=lax; Secure"
        return json_reply(
            {"access_token": access, **told},
            201,
            ("Set-Cookie", cookie.format("token", access, faults.access_lifetime)),
            ("Set-Cookie", cookie.format("refresh_token", refresh, faults.refresh_lifetime)),
        )

    def _log_out(self, request: HttpRequest) -> HttpReply:
        session = self.sessions.find(request.cookies.get("refresh_token", ""))
        if session is not None:
            self.sessions.end_family(session.family, self._server.now())
        gone = tuple(
            ("Set-Cookie", f"{name}=; Max-Age=0; Path=/; SameSite=lax")
            for name in ("token", "refresh_token")
        )
        return json_reply({"message": "Logged out"}, 201, *gone)

    def _list(self, who: Caller, _: HttpRequest) -> HttpReply:
        if who.member is None:
            return _unauthorized("Authentication required")
        active = self.sessions.active(self._server.now(), who.member)
        return json_reply([each.listed() for each in reversed(active)])

    def _end(self, who: Caller, request: HttpRequest) -> HttpReply:
        if who.member is None:
            return _unauthorized("Authentication required")
        now, wanted = self._server.now(), request.path.rpartition("/")[2]
        for each in self.sessions.active(now, who.member):
            if each.id == wanted:
                self.sessions.end_family(each.family, now)
                return json_reply({"message": "Session revoked"})
        return json_reply({"error": "Session not found"}, 404)

    def _end_others(self, who: Caller, request: HttpRequest) -> HttpReply:
        if who.member is None:
            return _unauthorized("Authentication required")
        now = self._server.now()
        kept = self.sessions.find(request.cookies.get("refresh_token", ""))
        ended = [
            each
            for each in self.sessions.active(now, who.member)
            if kept is None or each.family != kept.family
        ]
        for each in ended:
            self.sessions.end_family(each.family, now)
        return json_reply({"message": f"Revoked {len(ended)} sessions"})

    def _too_many(self, endpoint: str) -> HttpReply | None:
        if not self._server.faults.rate_limits:
            return None
        limit = _LIMITS[endpoint][0]
        address, now = self._server.faults.client_ip, self._server.now()
        if self._windows[endpoint].count(address, limit, now).remaining >= 0:
            return None
        return json_reply({"error": "Too many requests. Please try again later."}, 429)

    def _local_only(self) -> HttpReply | None:
        if self._server.faults.local_login:
            return None
        return json_reply({"error": "Email/password login is disabled"}, 400)


def _unauthorized(detail: str) -> HttpReply:
    return json_reply({"error": detail}, 401)
