"""Who a client is, and whether it has shown so (RFC 6749 sections 2.3 and 3.2.1)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from oauthlib.common import Request
from oauthlib.openid import RequestValidator

from .client_registry import Client


class ClientAuthentication(RequestValidator):
    """The part of the request validator that is about clients."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        super().__init__()
        self._clients = clients

    def client_authentication_required(
        self, request: Request, *args: object, **kwargs: object
    ) -> bool:
        if request.client_secret or "Authorization" in request.headers:
            return True
        client = self._clients.get(request.client_id or "")
        return client is not None and client.confidential

    def authenticate_client(self, request: Request, *args: object, **kwargs: object) -> bool:
        client_id, secret = _credentials(request)
        client = self._clients.get(client_id)
        if client is None or not client.confidential:
            return False
        request.client = client
        return hmac.compare_digest(client.client_secret.encode(), secret.encode())

    def authenticate_client_id(
        self, client_id: str, request: Request, *args: object, **kwargs: object
    ) -> bool:
        client = self._clients.get(client_id)
        request.client = client
        return client is not None and not client.confidential

    def validate_client_id(
        self, client_id: str, request: Request, *args: object, **kwargs: object
    ) -> bool:
        request.client = self._clients.get(client_id)
        return request.client is not None

    def validate_grant_type(
        self,
        client_id: str,
        grant_type: str,
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return grant_type in client.grant_types

    def validate_response_type(
        self,
        client_id: str,
        response_type: str,
        client: Any,
        request: Request,
        *args: object,
        **kwargs: object,
    ) -> bool:
        return response_type == "code"


def _credentials(request: Request) -> tuple[str, str]:
    """Client id and secret from the header or the body (RFC 6749 section 2.3.1)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.client_id or "", request.client_secret or ""
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
