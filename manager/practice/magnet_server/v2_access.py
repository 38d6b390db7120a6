"""Who is asking, in v2: `x-api-key` before the cookie before `Bearer`; and the forgery check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from manager.practice.http_message import HttpReply, HttpRequest, json_reply

from .api_keys import ApiKeys
from .members import MEMBERS, Member
from .signed_token import read, sign

if TYPE_CHECKING:
    from .server import MagnetServer


@dataclass(frozen=True, slots=True)
class Caller:
    """`member`: None for a key; `told`: what `/me` says; `scopes`: of a key."""

    told: dict[str, Any]
    permissions: tuple[str, ...]
    member: Member | None = None


class V2Access:
    def __init__(self, server: MagnetServer) -> None:
        self._server = server
        self.keys = ApiKeys()

    def new_token(self, member: Member, method: str) -> str:
        now = int(self._server.now())
        claims = {
            "iss": "magnet-ai",
            "aud": "magnet-ai-api",
            "sub": member.email,
            "iat": now,
            "exp": now + int(self._server.faults.access_lifetime),
            "jti": str(uuid4()),
            "extras": {
                "user_id": member.user_id,
                "is_superuser": False,
                "is_verified": True,
                "auth_method": method,
                "roles": [member.role],
            },
        }
        return sign(claims, self._server.secret)

    def member(self, user_id: object) -> Member | None:
        return next((each for each in MEMBERS.values() if each.user_id == user_id), None)

    def who(self, request: HttpRequest) -> Caller | HttpReply:
        key = request.headers.get("x-api-key")
        if key:
            return self._program(key, request.headers.get("x-user-id", ""))
        header = request.headers.get("authorization", "")
        bearer = header[7:] if header.startswith("Bearer ") else ""
        for token in (request.cookies.get("token", ""), bearer):
            member = self._member_of(token)
            if member is not None:
                return Caller(_about(member), member.permissions, member)
        return json_reply({"error": "Unauthorized"}, 401)

    def checked(
        self, answer: Callable[[Caller, HttpRequest], HttpReply], permission: str = ""
    ) -> Callable[[HttpRequest], HttpReply]:
        def handle(request: HttpRequest) -> HttpReply:
            who = self.who(request)
            if isinstance(who, HttpReply):
                return who
            if permission and permission not in who.permissions:
                return json_reply({"error": f"Missing permission(s): {permission}"}, 403)
            return answer(who, request)

        return handle

    def forgery(self, request: HttpRequest) -> HttpReply | None:
        """A cookie of ours in a request that changes something needs an origin of ours, even
        where a bearer token comes with it."""
        cookies = request.cookies
        if (
            request.method in ("GET", "HEAD", "OPTIONS")
            or not (cookies.get("token") or cookies.get("refresh_token"))
            or request.headers.get("x-api-key")
        ):
            return None
        shown, referer = request.headers.get("origin"), request.headers.get("referer")
        if not shown and referer:
            parts = urlsplit(referer)
            shown = f"{parts.scheme}://{parts.netloc}"
        if not shown:
            text = "Missing Origin or Referer header for state-changing request"
            return json_reply({"error": text}, 403)
        if shown not in self._server.allowed_origins:
            return json_reply({"error": "Origin not allowed"}, 403)
        return None

    def _member_of(self, token: str) -> Member | None:
        if not token:
            return None
        secret, now = self._server.secret, self._server.now()
        claims = read(token, secret, now, iss="magnet-ai", aud="magnet-ai-api")
        return self.member(claims["extras"]["user_id"]) if claims else None

    def _program(self, value: str, user: str) -> Caller | HttpReply:
        key = self.keys.find(value)
        if key is None:
            return json_reply({"error": "Deprecated API key not found"}, 401)
        if not key.is_active:
            return json_reply({"error": "API key is inactive"}, 401)
        if key.expires_at is not None and key.expires_at < self._server.now():
            return json_reply({"error": "API key has expired"}, 401)
        scopes = key.scopes or ()
        told = {
            "api_client_code": key.name,
            "user_id": f"api_key:{key.name}" + (f":{user}" if user else ""),
            "roles": ["user"],
            "preferred_username": key.name,
            "scopes": list(scopes),
        }
        return Caller(told, scopes)


def _about(member: Member) -> dict[str, Any]:
    return {
        "id": member.user_id,
        "email": member.email,
        "name": member.name,
        "avatar_url": None,
        "is_verified": True,
        "is_superuser": False,
        "is_two_factor_enabled": False,
        "roles": [member.role],
        "permissions": sorted(member.permissions),
        "auth_method": "local_jwt",
        "last_login_at": None,
        "oauth_accounts": [],
    }
