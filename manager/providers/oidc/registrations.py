"""The clients that this program registered by itself (RFC 7591), by server, for this process."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from manager.core.credential import ClientRegistration
from manager.core.errors import AccountManagerError, ServerUnreachable
from manager.oauth.bearer import bearer
from manager.oauth.device_authorization import GRANT_TYPE as DEVICE_GRANT
from manager.oauth.json_object import json_object
from manager.oauth.metadata import AuthorizationServerMetadata
from manager.oauth.registration import (
    RegisteredClient,
    registered_client,
    registration_document,
    registration_refusal,
    was_created,
)
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.http_client import HttpClient

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Registered:
    """`waiting`: sign-ins under way with it; `kept`: an account holds it, so it stays."""

    registered: RegisteredClient
    waiting: int = 0
    kept: bool = False


class Registrations:
    def __init__(self, http: HttpClient, endpoints: AuthorizationServer) -> None:
        self._http = http
        self._endpoints = endpoints
        self._known: dict[str, _Registered] = {}
        self._registering: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def client(
        self, metadata: AuthorizationServerMetadata, redirect_uris: Sequence[str]
    ) -> ClientRegistration:
        """This program at that server, registered at the first call. Each call is followed by
        `succeeded` or `failed`, or by a sign-in that nobody finished.

        Raises InvalidRequest (the server wants to be asked by a person), ProviderError,
        ServerUnreachable, RateLimited.
        """
        async with self._registering[metadata.issuer]:
            known = self._known.get(metadata.issuer)
            if known is None:
                known = _Registered(await self._register(metadata, redirect_uris))
                self._known[metadata.issuer] = known
        known.waiting += 1
        return known.registered.client

    def succeeded(self, issuer: str, client: ClientRegistration) -> None:
        known = self._known.get(issuer)
        if known is not None and known.registered.client == client:
            known.waiting -= 1
            known.kept = True

    async def failed(self, issuer: str, client: ClientRegistration) -> None:
        """Take back a registration that came to nothing, where the server lets us (RFC 7592
        section 2.3)."""
        known = self._known.get(issuer)
        if known is None or known.registered.client != client:
            return
        known.waiting -= 1
        registered = known.registered
        uri, token = registered.management_uri, registered.management_token
        if known.kept or known.waiting > 0 or uri is None or token is None:
            return
        del self._known[issuer]
        try:
            await self._http.request("DELETE", uri, headers=bearer(token))
        except AccountManagerError as failure:
            _log.info("a registration was not taken back: %s", type(failure).__name__)

    async def _register(
        self, metadata: AuthorizationServerMetadata, redirect_uris: Sequence[str]
    ) -> RegisteredClient:
        endpoint = metadata.registration_endpoint
        assert endpoint is not None
        answer = await self._http.request(
            "POST",
            endpoint,
            headers={"Accept": "application/json"},
            json=registration_document(redirect_uris, _grant_types(metadata)),
        )
        self._endpoints.check_pause(answer)
        host, document = urlsplit(endpoint).hostname or "The server", json_object(answer.body)
        if was_created(answer.status) and document is not None:
            return registered_client(document, of=metadata.issuer)
        if was_created(answer.status) or 300 <= answer.status < 400:
            raise ServerUnreachable(f"{host} gave no usable answer (HTTP {answer.status}).")
        raise registration_refusal(host, answer.status, document)


def _grant_types(metadata: AuthorizationServerMetadata) -> list[str]:
    """Those that we use, as far as the server has them."""
    ours = ["authorization_code", "refresh_token"]
    if metadata.device_endpoint is not None:
        ours.append(DEVICE_GRANT)
    offered = metadata.grant_types
    return [each for each in ours if offered is None or each in offered or each == ours[0]]
