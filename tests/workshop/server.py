"""A small server of its own kind: sessions that are renewed, keys that people make, over HTTP."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.http_service import HttpService


@dataclass
class Key:
    id: str
    name: str
    secret: str
    scopes: tuple[str, ...]


@dataclass
class WorkshopServer:
    """`scopes`: of every session. `access`, `refresh`: what is accepted now."""

    scopes: tuple[str, ...] = ("read", "keys")
    keys: dict[str, Key] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    away: bool = False
    numbered: int = 0

    def __post_init__(self) -> None:
        self._service = HttpService(self._answer)

    def __enter__(self) -> Self:
        self._service.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._service.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._service.port}"

    def new_session(self) -> tuple[str, str]:
        """An access and a refresh token."""
        pair = (f"access-{secrets.token_hex(8)}", f"refresh-{secrets.token_hex(8)}")
        self.access.add(pair[0])
        self.refresh.add(pair[1])
        return pair

    def new_key(self, name: str, *scopes: str) -> Key:
        self.numbered += 1
        key = Key(f"k{self.numbered}", name, f"key-{secrets.token_hex(8)}", scopes)
        self.keys[key.id] = key
        return key

    def _answer(self, request: HttpRequest) -> HttpReply:
        self.requests.append(f"{request.method} {request.path}")
        if self.away:
            return json_reply({}, 503)
        match request.path:
            case "/workshop":
                return json_reply({"workshop": True})
            case "/refresh":
                return self._refresh(request)
        return self._for_somebody(request)

    def _for_somebody(self, request: HttpRequest) -> HttpReply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        scopes = self._scopes_of(token)
        if scopes is None:
            return json_reply({"error": "who are you"}, 401)
        match request.method, request.path.split("/")[1:]:
            case "GET", ["me"]:
                return json_reply({"id": "u1", "email": "ada@workshop.example", "name": "Ada"})
            case "DELETE", ["session"]:
                self.access.discard(token)
                self.keys = {k: v for k, v in self.keys.items() if v.secret != token}
                return json_reply({})
            case _, ["keys", *_] if "keys" not in scopes:
                return json_reply({"missing": "keys"}, 403)
            case "GET", ["keys"]:
                return json_reply([self._shown(each, token) for each in self.keys.values()])
            case "POST", ["keys"]:
                wanted = request.json()
                key = self.new_key(wanted["name"], *wanted["scopes"])
                return json_reply({**self._shown(key, token), "secret": key.secret})
            case "DELETE", ["keys", key_id]:
                return json_reply({}, 200 if self.keys.pop(key_id, None) else 404)
        return json_reply({}, 404)

    def _scopes_of(self, token: str) -> tuple[str, ...] | None:
        if token in self.access:
            return self.scopes
        return next((key.scopes for key in self.keys.values() if key.secret == token), None)

    def _shown(self, key: Key, token: str) -> dict[str, object]:
        shown = {"id": key.id, "name": key.name, "hint": key.secret[-4:], "scopes": key.scopes}
        return {**shown, "current": key.secret == token}

    def _refresh(self, request: HttpRequest) -> HttpReply:
        token = request.json()["refresh"]
        if token not in self.refresh:
            return json_reply({"error": "invalid_grant"}, 400)
        self.refresh.discard(token)
        access, refresh = self.new_session()
        return json_reply({"access": access, "refresh": refresh})
