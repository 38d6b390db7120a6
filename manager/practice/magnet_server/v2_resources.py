"""What v2 guards: agents and the keys for programs, each with its permission."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.practice_server import Route

from .json_body import json_body
from .members import MEMBERS
from .v2_access import Caller, V2Access

if TYPE_CHECKING:
    from .server import MagnetServer

_KEYS = "/api/admin/api_keys/"
_KNOWN = frozenset(MEMBERS["alice"].permissions)


class V2Resources:
    def __init__(self, server: MagnetServer, access: V2Access) -> None:
        self._server = server
        self._access = access

    def routes(self) -> tuple[Route, ...]:
        needs = self._access.checked
        return (
            Route(
                "agents",
                "GET",
                "/api/user/agents",
                needs(lambda *_: json_reply([]), "read:agents"),
            ),
            Route(
                "agents",
                "POST",
                "/api/admin/agents",
                needs(lambda *_: json_reply({}, 201), "write:agents"),
            ),
            Route("keys", "GET", _KEYS, needs(self._list, "read:api_keys")),
            Route("keys", "POST", _KEYS, needs(self._create, "write:api_keys")),
            Route("keys", "PATCH", _KEYS + "{}", needs(self._change, "write:api_keys")),
            Route("keys", "DELETE", _KEYS + "{}", needs(self._delete, "write:api_keys")),
        )

    def new_key(self, login: str, scopes: tuple[str, ...]) -> str:
        """A key as that member makes one in the web page."""
        granted = scopes or MEMBERS[login].permissions
        key = self._access.keys.make("practice", login, self._server.now(), granted)
        return self._server.note(key.value)

    def _list(self, *_: object) -> HttpReply:
        return json_reply([key.listed() for key in self._access.keys.by_id.values()])

    def _create(self, who: Caller, request: HttpRequest) -> HttpReply:
        body = json_body(request)
        name, scopes = body.get("name"), body.get("scopes") or []
        if not isinstance(name, str) or not isinstance(scopes, list):
            return json_reply({"error": f"Validation failed for POST {_KEYS}"}, 400)
        unknown = sorted(set(map(str, scopes)) - _KNOWN)
        if unknown:
            return json_reply({"error": f"Unknown API key scope(s): {', '.join(unknown)}"}, 400)
        denied = sorted(set(scopes) - set(who.permissions))
        if denied:
            text = "Cannot grant API key scopes you don't hold yourself: " + ", ".join(denied)
            return json_reply({"error": text}, 403)
        maker = str(who.told.get("email") or who.told.get("preferred_username"))
        key = self._access.keys.make(name, maker, self._server.now(), tuple(sorted(scopes)))
        return json_reply({"id": key.id, "api_key": self._server.note(key.value)}, 201)

    def _change(self, who: Caller, request: HttpRequest) -> HttpReply:
        del who
        key = self._access.keys.by_id.get(request.path.rpartition("/")[2])
        if key is None:
            return json_reply({"error": "API key not found"}, 404)
        active = json_body(request).get("is_active", key.is_active)
        self._access.keys.by_id[key.id] = replace(key, is_active=bool(active))
        return json_reply(self._access.keys.by_id[key.id].listed())

    def _delete(self, who: Caller, request: HttpRequest) -> HttpReply:
        del who
        if self._access.keys.by_id.pop(request.path.rpartition("/")[2], None) is None:
            return json_reply({"error": "API key not found"}, 404)
        return HttpReply(204)
