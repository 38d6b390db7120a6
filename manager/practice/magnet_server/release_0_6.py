"""Release 0.6.0: keys in `x-api-key`, cookies of the web page, no bearer tokens at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from manager.practice.http_message import HttpReply, HttpRequest, json_reply, redirect_reply
from manager.practice.practice_server import Route

from .api_keys import ApiKeys
from .json_body import json_body
from .members import MEMBERS, Member
from .signed_token import read, sign

if TYPE_CHECKING:
    from .server import MagnetServer

_COOKIE = "{}={}; Secure; HttpOnly; Path=/; SameSite=None; Partitioned;"


@dataclass(frozen=True, slots=True)
class _Caller:
    name: str
    told: dict[str, Any]


class Release06:
    resource = "/api/user/agents"

    def __init__(self, server: MagnetServer) -> None:
        self._server = server
        self.keys = ApiKeys()

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("health", "GET", "/health", lambda _: json_reply({})),
            Route("sso", "GET", "/auth/login", self._to_the_identity_provider),
            Route("complete", "POST", "/auth/complete", self._complete),
            Route("me", "GET", "/auth/me", self._as(lambda who, _: json_reply(who.told))),
            Route("logout", "POST", "/auth/logout", self._log_out),
            Route("keys", "GET", "/api/admin/api_keys/", self._as(self._list)),
            Route("keys", "POST", "/api/admin/api_keys/", self._as(self._create)),
            Route("keys", "DELETE", "/api/admin/api_keys/{}", self._as(self._delete)),
            Route("agents", "GET", "/api/user/agents", self._as(lambda *_: json_reply([]))),
            Route("agents", "POST", "/api/admin/agents", self._as(lambda *_: json_reply({}, 201))),
        )

    def process(self, request: HttpRequest, answer: Callable[[], HttpReply | None]) -> HttpReply:
        return answer() or json_reply({"error": "Not Found"}, 404)

    def accepts(self, request: HttpRequest) -> bool:
        return isinstance(self._who(request), _Caller)

    def new_key(self, login: str = "alice", name: str = "practice") -> str:
        """A key as an administrator makes one in the web page."""
        return self._server.note(self.keys.make(name, login, self._server.now()).value)

    def new_id_token(self, login: str = "alice") -> str:
        """What the identity provider gives the web page."""
        claims = {"sub": login, "exp": int(self._server.now()) + 3600, "jti": secrets.token_hex(8)}
        return self._server.note(sign(claims, self._server.secret))

    def revoke_everything(self) -> None:
        self.keys.by_id.clear()
        self._server.renew_secret()

    def state(self) -> dict[str, Any]:
        return {"live_keys": len(self.keys.by_id)}

    def _who(self, request: HttpRequest) -> _Caller | HttpReply:
        shown = request.headers.get("x-api-key")
        if shown:
            key = self.keys.find(shown)
            if key is None:
                return json_reply({"error": "Deprecated API key not found"}, 401)
            return self._program(key.name, request.headers.get("x-user-id", ""))
        member = self._session(request)
        if member is None:
            return json_reply({"error": "Unauthorized"}, 401)
        roles = ["admin"] if member.role == "admin" else ["user"]
        told = {"user_id": member.user_id, "preferred_username": member.email, "roles": roles}
        return _Caller(member.email, {**told, "name": member.name, "email": member.email})

    def _program(self, name: str, user: str) -> _Caller:
        user_id = f"api_key:{name}" + (f":{user}" if user else "")
        told = {"api_client_code": name, "user_id": user_id, "preferred_username": name}
        return _Caller(name, {**told, "roles": ["admin"]})

    def _session(self, request: HttpRequest) -> Member | None:
        token = request.cookies.get("token", "")
        claims = read(token, self._server.secret, self._server.now()) if token else None
        return MEMBERS.get(str(claims["sub"])) if claims else None

    def _as(
        self, answer: Callable[[_Caller, HttpRequest], HttpReply]
    ) -> Callable[[HttpRequest], HttpReply]:
        def checked(request: HttpRequest) -> HttpReply:
            who = self._who(request)
            if isinstance(who, HttpReply):
                return who
            if "/admin/" in request.path and "admin" not in who.told["roles"]:
                return json_reply({"error": "User does not have the required role"}, 403)
            return answer(who, request)

        return checked

    def _to_the_identity_provider(self, _: HttpRequest) -> HttpReply:
        asked = {
            "response_type": "code",
            "redirect_uri": f"{self._server.url}/auth/callback",
            "client_id": "practice",
            "scope": "openid profile email",
            "response_mode": "form_post",
            "nonce": secrets.token_urlsafe(32),
        }
        return redirect_reply(f"{self._server.url}/idp/authorize?{urlencode(asked)}")

    def _complete(self, request: HttpRequest) -> HttpReply:
        body = json_body(request)
        token, refresh = str(body.get("token", "")), str(body.get("refreshToken", ""))
        if not token or read(token, self._server.secret, self._server.now()) is None:
            return json_reply({"error": "Unauthorized"}, 401)
        cookies = (("token", token), ("refresh_token", refresh))
        lines = tuple(("Set-Cookie", _COOKIE.format(*each)) for each in cookies)
        return json_reply(None, 200, *lines)

    def _log_out(self, _: HttpRequest) -> HttpReply:
        gone = "{}=; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=None; Partitioned;"
        lines = (("Set-Cookie", gone.format(name)) for name in ("token", "refresh_token"))
        return json_reply(None, 200, *lines)

    def _list(self, who: _Caller, _: HttpRequest) -> HttpReply:
        del who
        return json_reply([key.listed() for key in self.keys.by_id.values()])

    def _create(self, who: _Caller, request: HttpRequest) -> HttpReply:
        name = json_body(request).get("name")
        if not isinstance(name, str):
            return json_reply({"error": "Validation failed for POST /api/admin/api_keys/"}, 400)
        key = self.keys.make(name, who.name, self._server.now())
        return json_reply({"id": key.id, "api_key": self._server.note(key.value)}, 201)

    def _delete(self, who: _Caller, request: HttpRequest) -> HttpReply:
        del who
        if self.keys.by_id.pop(request.path.rpartition("/")[2], None) is None:
            return json_reply({"error": "API key not found"}, 404)
        return HttpReply(204)
