"""A server's published keys, fetched no more often than a server may be asked."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from manager.core.errors import ProviderError
from manager.core.moment import Moment
from manager.core.ports import Clock
from manager.core.secret import Secret
from manager.oauth.id_token import ExpectedIdToken, id_token_claims
from manager.oauth.json_object import json_object
from manager.oauth.key_set import UnknownKey
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.http_client import HttpClient

REFETCH_AFTER = 300.0
"""Seconds: tokens with made-up key ids cannot make us ask more often."""
_FRESH_FOR = 3600.0
_KEPT = 64


class _Fetched(NamedTuple):
    at: Moment
    keys: Mapping[str, Any]


class SigningKeys:
    def __init__(self, http: HttpClient, clock: Clock, endpoints: AuthorizationServer) -> None:
        self._http = http
        self._clock = clock
        self._endpoints = endpoints
        self._kept: OrderedDict[str, _Fetched] = OrderedDict()

    async def claims(
        self, id_token: Secret, access_token: Secret, jwks_uri: str, expected: ExpectedIdToken
    ) -> dict[str, Any]:
        """The claims of an ID token that stands every test; keys are fetched again when its `kid`
        is unknown. Raises ProviderError, ServerUnreachable, RateLimited."""
        await asyncio.to_thread(import_module, "joserfc.jwt")  # 60 ms that would stall the loop
        keys = await self._keys(jwks_uri, younger_than=_FRESH_FOR)
        now = self._clock.now().wall
        try:
            return id_token_claims(id_token, keys, expected, access_token=access_token, now=now)
        except UnknownKey as unknown:
            newer = await self._keys(jwks_uri, younger_than=REFETCH_AFTER)
            if newer is keys:
                raise ProviderError(unknown.message) from None
            return id_token_claims(id_token, newer, expected, access_token=access_token, now=now)

    async def _keys(self, jwks_uri: str, *, younger_than: float) -> Mapping[str, Any]:
        kept = self._kept.get(jwks_uri)
        if kept is not None and self._clock.now().boot - kept.at.boot < younger_than:
            return kept.keys
        answer = await self._http.request("GET", jwks_uri, headers={"Accept": "application/json"})
        self._endpoints.check_pause(answer)
        keys = json_object(answer.body) if answer.status == 200 else None
        if keys is None:
            raise ProviderError("The server's keys cannot be read.")
        self._kept[jwks_uri] = _Fetched(self._clock.now(), keys)
        self._kept.move_to_end(jwks_uri)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return keys
