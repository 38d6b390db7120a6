"""Who signed in: by ID token, by userinfo, or not known at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from manager.core.account import UNIDENTIFIED, Identity, Server
from manager.core.errors import ProviderError, TimeHelps
from manager.core.ports import Randomness
from manager.core.secret import Secret
from manager.oauth.bearer import bearer
from manager.oauth.id_token import subject_of
from manager.oauth.identity_claims import identity_from, same_subject
from manager.oauth.json_object import json_object
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.http_client import HttpClient

_NOT_FOR_THIS_TOKEN = frozenset({401, 403, 404})
"""The token was granted without the scope `openid` (OpenID Connect Core section 5.3.3)."""
_log = logging.getLogger(__name__)


class Identification:
    def __init__(
        self, http: HttpClient, endpoints: AuthorizationServer, randomness: Randomness
    ) -> None:
        self._http = http
        self._endpoints = endpoints
        self._randomness = randomness

    async def identity(
        self,
        server: Server,
        access_token: Secret,
        *,
        claims: Mapping[str, Any] | None,
        userinfo_endpoint: str | None,
    ) -> Identity:
        """Who holds `access_token`. `claims`: of a checked ID token, if there was one.

        An ID token alone is enough: a userinfo endpoint that is away or refuses costs the person a
        name, not the sign-in. One that speaks of somebody else ends it (OpenID Connect Core
        section 5.3.2). Without both the server keeps to itself who signed in: the account then
        carries the server's name and a random subject, so that two people at one server are never
        taken for one. Raises ProviderError, ServerUnreachable, RateLimited.
        """
        said = await self._userinfo(userinfo_endpoint, access_token, required=claims is None)
        if claims is None and said is None:
            return Identity(UNIDENTIFIED + self._randomness.token(16), server.name, server.name)
        if claims is not None and said is not None:
            said = same_subject(said, subject_of(claims))
        known = {**(claims or {}), **(said or {})}
        return identity_from(known, server_url=server.url, server_name=server.name)

    async def _userinfo(
        self, endpoint: str | None, access_token: Secret, *, required: bool
    ) -> Mapping[str, Any] | None:
        if endpoint is None:
            return None
        try:
            return await self._ask(endpoint, access_token)
        except (ProviderError, TimeHelps) as failure:
            if required:
                raise
            _log.info("userinfo left out: %s", type(failure).__name__)
            return None

    async def _ask(self, endpoint: str, access_token: Secret) -> Mapping[str, Any] | None:
        answer = await self._http.request(
            "GET",
            endpoint,
            headers={"Accept": "application/json", **bearer(access_token)},
        )
        self._endpoints.check_pause(answer)
        if answer.status in _NOT_FOR_THIS_TOKEN:
            return None
        document = json_object(answer.body) if answer.status == 200 else None
        if document is None:
            raise ProviderError(f"The server does not say who signed in (HTTP {answer.status}).")
        return document
