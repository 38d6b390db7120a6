"""The Mesh backend: it knows the tenant, exchanges codes, and serves what accounts are for."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from manager.practice.http_message import HttpReply, HttpRequest, json_reply
from manager.practice.people import PEOPLE
from manager.practice.practice_server import PracticeServer, Route

from .faults import MeshFaults
from .grants import REFUSED, Refused
from .tenant import DEVICE_CLIENT, WEB_CLIENT, Auth0Tenant

_CLIENTS = {"web": WEB_CLIENT, "device": DEVICE_CLIENT}


@dataclass(slots=True)
class StoredKey:
    """A Mesh API key."""

    login: str
    name: str
    key_id: str
    value: str = field(repr=False)


class MeshServer(PracticeServer[MeshFaults]):
    """`with MeshServer() as server: server.url`; its tenant stands beside it."""

    token_endpoints = frozenset({"exchange", "refresh", "token"})

    def __init__(self, faults: MeshFaults | None = None, *, port: int = 0) -> None:
        super().__init__(faults or MeshFaults(), port)
        self.tenant = Auth0Tenant(self.faults)
        self.keys: list[StoredKey] = []
        self.stored: dict[tuple[str, str], str] = {}
        self.chats: list[str] = []

    def start(self) -> None:
        self.tenant.start()
        super().start()

    def stop(self) -> None:
        self.tenant.stop()
        super().stop()

    def change_faults(self, **changes: Any) -> None:
        super().change_faults(**changes)
        self.tenant.change_faults(**changes)

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("config", "GET", "/auth/config", self._config),
            Route("auth_url", "POST", "/auth/get-auth-url", self._auth_url),
            Route("exchange", "POST", "/auth/exchange-token", self._exchange),
            Route("refresh", "POST", "/auth/refresh-token", self._refresh),
            Route("validate", "GET", "/auth/validate", self._validate),
            Route("profile", "GET", "/auth/profile", self._as(self._profile)),
            Route("keys", "POST", "/v1/mesh/api-keys", self._as(self._new_key)),
            Route("chat", "POST", "/v1/mesh/chat", self._as(self._chat)),
            Route("completions", "POST", "/api/v1/chat/completions", self._as(self._answer_chat)),
            Route("storage", "POST", "/api/v1/storeKey", self._as(self._store)),
            Route("storage", "GET", "/api/v1/getKey", self._as(self._stored)),
            Route("storage", "GET", "/api/v1/listKeys", self._as(self._list_stored)),
        )

    @property
    def issued(self) -> set[str]:
        """Every secret so far."""
        return self.tenant.grants.issued | {key.value for key in self.keys}

    @property
    def refreshes(self) -> int:
        return self.counters["refresh"]

    @property
    def reuse_detected(self) -> int:
        return self.tenant.grants.reuse_detected

    def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers would be let in now."""
        lower = {name.lower(): value for name, value in headers.items()}
        return self._who(HttpRequest("GET", "/auth/profile", lower)) is not None

    def new_key(self, login: str = "alice", name: str = "practice") -> StoredKey:
        """As a person makes one in the web page."""
        key = StoredKey(login, name, secrets.token_hex(8), f"mesh_{secrets.token_urlsafe(32)}")
        self.keys.append(key)
        return key

    def revoke_everything(self) -> None:
        self.tenant.revoke_everything()
        self.keys.clear()

    def state(self) -> dict[str, Any]:
        return {
            **super().state(),
            "tenant": dict(self.tenant.counters),
            "live_grants": self.tenant.grants.live(),
            "reuse_detected": self.reuse_detected,
            "chats": len(self.chats),
        }

    # Signing in --------------------------------------------------------------------------------

    def _config(self, request: HttpRequest) -> HttpReply:
        flow = "device" if request.query.get("flow") == "device" else "web"
        # The backend's own address, as the SDK's document has it.
        told = {"client_id": _CLIENTS[flow], "audience": self.url}
        return json_reply({"domain": self.tenant.domain, **told})

    def _auth_url(self, request: HttpRequest) -> HttpReply:
        sent = _body(request)
        if not isinstance(sent.get("redirect_uri"), str):
            return json_reply({"error": "redirect_uri is required"}, 400)
        asked = {
            "response_type": "code",
            "client_id": WEB_CLIENT,
            "redirect_uri": sent["redirect_uri"],
            "scope": str(sent.get("scope") or "openid profile email"),
            "audience": self.url,
        }
        if sent.get("state") and not self.faults.drop_state:
            asked["state"] = str(sent["state"])
        return json_reply({"auth_url": f"{self.tenant.url}/authorize?{urlencode(asked)}"})

    def _exchange(self, request: HttpRequest) -> HttpReply:
        sent = _body(request)
        code, uri = str(sent.get("code")), str(sent.get("redirect_uri"))
        return self._granted(lambda: self.tenant.redeem(code, uri, WEB_CLIENT), 400)

    def _refresh(self, request: HttpRequest) -> HttpReply:
        sent = _body(request)
        client = _CLIENTS.get(str(sent.get("client_type", "web")), WEB_CLIENT)
        token = str(sent.get("refresh_token"))
        return self._granted(lambda: self.tenant.renew(token, client), 401)

    def _granted(self, ask: Callable[[], dict[str, Any]], refusal: int) -> HttpReply:
        try:
            return json_reply(ask())
        except Refused:
            if self.faults.plain_refusals:
                return json_reply({"error": "Token request failed"}, refusal)
            said = {"error": "invalid_grant", "error_description": REFUSED}
            return json_reply(said, refusal)

    def _validate(self, request: HttpRequest) -> HttpReply:
        if not self.faults.validate:
            return json_reply({"error": "Not Found"}, 404)
        if self._who(request) is None:
            return json_reply({"error": "Invalid token"}, 401)
        return json_reply({"valid": True})

    # What accounts are for ---------------------------------------------------------------------

    def _who(self, request: HttpRequest) -> str | None:
        """The SDK sends a key in both headers; either is enough."""
        sent = request.headers.get("authorization", "")
        key = request.headers.get("x-api-key") or ""
        if sent.startswith("ApiKey "):
            key = sent.removeprefix("ApiKey ")
        if key:
            return next((each.login for each in self.keys if each.value == key), None)
        token = sent.removeprefix("Bearer ")
        must_live = self.faults.revocation_ends_access
        return self.tenant.grants.holder(token, self.now(), must_live=must_live)

    def _as(
        self, answer: Callable[[str, HttpRequest], HttpReply]
    ) -> Callable[[HttpRequest], HttpReply]:
        def checked(request: HttpRequest) -> HttpReply:
            login = self._who(request)
            if login is None:
                return json_reply({"error": {"message": "Unauthorized"}}, 401)
            return answer(login, request)

        return checked

    def _profile(self, login: str, _: HttpRequest) -> HttpReply:
        person = PEOPLE[login]
        told = {"id": person.subject, "email": person.email, "name": person.name}
        return json_reply({"profile": told} if self.faults.nested_profile else told)

    def _new_key(self, login: str, request: HttpRequest) -> HttpReply:
        name = _body(request).get("name")
        key = self.new_key(login, name if isinstance(name, str) else "API Key")
        told = {"api_key": key.value, "key_id": key.key_id, "name": key.name}
        return json_reply({"success": True, "api_key": told})

    def _chat(self, login: str, request: HttpRequest) -> HttpReply:
        if not self.faults.chat_path:
            return json_reply({"error": {"message": "Not Found"}}, 404)
        return self._answer_chat(login, request)

    def _answer_chat(self, login: str, request: HttpRequest) -> HttpReply:
        messages = _body(request).get("messages")
        asked = messages[-1].get("content") if isinstance(messages, list) and messages else ""
        self.chats.append(login)
        reply = {"role": "assistant", "content": f"{PEOPLE[login].name} said: {asked}"}
        return json_reply({"choices": [{"index": 0, "message": reply, "finish_reason": "stop"}]})

    def _store(self, login: str, request: HttpRequest) -> HttpReply:
        sent = _body(request)
        self.stored[login, str(sent.get("keyName"))] = str(sent.get("keyValue"))
        return json_reply({"success": True})

    def _stored(self, login: str, request: HttpRequest) -> HttpReply:
        value = self.stored.get((login, request.query.get("keyName", "")))
        if value is None:
            return json_reply({"error": "Key not found"}, 404)
        return json_reply({"success": True, "keyValue": value})

    def _list_stored(self, login: str, _: HttpRequest) -> HttpReply:
        return json_reply({"success": True, "keys": [name for who, name in self.stored
                                                     if who == login]})  # fmt: skip


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}
