"""The requests to one Management API; each is sent once, with whatever the account holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import quote

from manager.core.credential import Credential
from manager.core.ports import Clock
from manager.core.provider import RequestToAuthorize
from manager.core.secret import Secret
from manager.providers.http_client import HttpAnswer, HttpClient

from .answers import is_elsewhere
from .place import Place
from .request_headers import request_headers

ORGANIZATIONS = "/organizations/"


class ManagementApi:
    def __init__(self, url: str, http: HttpClient, clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock

    async def log_in(self, email: str, password: Secret) -> HttpAnswer:
        return await self._http.request(
            "POST",
            f"{self._url}/account/auth/",
            json={"email": email, "password": password.reveal()},
        )

    async def renew(self, endpoint: str, refresh_token: Secret) -> HttpAnswer:
        return await self._http.request("POST", endpoint, json={"refresh": refresh_token.reveal()})

    async def asked_by_nobody(self) -> HttpAnswer:
        """Something cheap, without any credential: a FoxNose refuses it in its own words."""
        return await self.ask_openly(self._url + ORGANIZATIONS)

    async def ask_openly(self, url: str) -> HttpAnswer:
        """Without any credential."""
        return await self._http.request("GET", url)

    async def ask(
        self,
        credential: Credential,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        base_url: str = "",
    ) -> HttpAnswer:
        """Any request, with the account's authorization. `base_url`: the Flux API instead."""
        url = (base_url or self._url) + path
        digest = None
        if body is not None:
            # As the HTTP library writes it: what is signed are the bytes that are sent.
            sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            digest = hashlib.sha256(sent).hexdigest()
        headers = request_headers(
            credential, RequestToAuthorize(method, url, digest), self._clock.now().wall
        )
        return await self._http.request(method, url, headers=headers, json=body)

    async def ask_keys(
        self,
        credential: Credential,
        place: Place,
        method: str,
        path: str = "",
        body: Mapping[str, object] | None = None,
        query: str = "",
    ) -> HttpAnswer:
        """A request below the Flux API keys: at the path of the SDK, else at the documents' one.

        A server that has only one of them answers 404 at the other, and a 404 changes nothing.
        """
        first: HttpAnswer | None = None
        for word in ("permissions", "roles"):
            root = f"/v1/{quote(place.environment, safe='')}/{word}/flux-api/api-keys/"
            answer = await self.ask(credential, method, root + path + query, body)
            if not is_elsewhere(answer):
                return answer
            first = first or answer
        assert first is not None
        return first
