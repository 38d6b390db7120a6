"""Programs that register themselves (RFC 7591), and may take it back (RFC 7592)."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from manager.practice.faults import AuthorizationServerFaults
from manager.practice.http_message import HttpReply, HttpRequest, json_reply

from .client_registry import GRANT_TYPES, LOOPBACK_HOSTS, Client

_METHODS = ("none", "client_secret_basic", "client_secret_post")


class Registration:
    """`clients` is the server's own registry."""

    def __init__(self, clients: MutableMapping[str, Client]) -> None:
        self._clients = clients
        self.tokens: dict[str, str] = {}
        """Registration access tokens by client id: who registered itself and is still there."""

    def register(
        self, request: HttpRequest, url: str, faults: AuthorizationServerFaults
    ) -> HttpReply:
        if faults.refuse_registration:
            return _refused(faults.refuse_registration)
        try:
            asked = request.json()
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            return _refused("invalid_client_metadata")
        uris: Any = asked.get("redirect_uris")
        grants: Any = asked.get("grant_types", ["authorization_code"])
        native = asked.get("application_type") == "native"
        if not _texts(uris) or not all(_may_be_registered(uri, native=native) for uri in uris):
            return _refused("invalid_redirect_uri")
        method = asked.get("token_endpoint_auth_method", "client_secret_basic")
        if not _texts(grants) or set(grants) - set(GRANT_TYPES) or method not in _METHODS:
            return _refused("invalid_client_metadata")
        secret = "" if method == "none" else secrets.token_urlsafe()
        client = Client(
            f"registered-{secrets.token_urlsafe(8)}",
            str(asked.get("client_name", "")),
            tuple(uris),
            secret,
            grant_types=tuple(grants),
        )
        self._clients[client.client_id] = client
        token = self.tokens[client.client_id] = secrets.token_urlsafe()
        answer = {
            **asked,
            "client_id": client.client_id,
            "registration_client_uri": f"{url}/register/{client.client_id}",
            "registration_access_token": token,
            **({"client_secret": secret, "client_secret_expires_at": 0} if secret else {}),
        }
        return json_reply(answer, 201, ("Cache-Control", "no-store"))

    def delete(self, request: HttpRequest) -> HttpReply:
        """RFC 7592 section 2.3."""
        client_id = request.path.rpartition("/")[2]
        token = self.tokens.get(client_id)
        if token is None or request.headers.get("authorization") != f"Bearer {token}":
            return HttpReply(401)
        del self.tokens[client_id], self._clients[client_id]
        return HttpReply(204)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)


def _may_be_registered(uri: str, *, native: bool) -> bool:
    """OpenID Connect Registration section 2: native programs get schemes of their own and the
    loopback, all others https."""
    parts = urlsplit(uri)
    if parts.fragment:
        return False
    if parts.scheme == "http":
        return native and parts.hostname in {*LOOPBACK_HOSTS, "localhost"}
    return parts.scheme == "https" or (native and "." in parts.scheme)


def _refused(error: str) -> HttpReply:
    return json_reply({"error": error, "error_description": f"This is {error}."}, 400)
