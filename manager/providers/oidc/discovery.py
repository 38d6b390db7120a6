"""Finds a server's metadata and remembers it for a while."""

from __future__ import annotations

from collections import OrderedDict

from manager.core.errors import AnswerLost, ProviderError, ServerUnreachable
from manager.core.moment import Moment
from manager.core.ports import Clock
from manager.oauth.json_object import json_object
from manager.oauth.metadata import (
    AuthorizationServerMetadata,
    names_a_server,
    server_metadata,
)
from manager.oauth.well_known import metadata_urls
from manager.providers.authorization_server import AuthorizationServer
from manager.providers.http_client import HttpAnswer, HttpClient

_KEPT = 64
_FRESH_FOR = 3600.0
_DEADLINE = 10.0


class Discovery:
    """Metadata by canonical address: at most 64 servers, each at most an hour old."""

    def __init__(self, http: HttpClient, clock: Clock, endpoints: AuthorizationServer) -> None:
        self._http = http
        self._clock = clock
        self._endpoints = endpoints
        self._kept: OrderedDict[str, tuple[Moment, AuthorizationServerMetadata]] = OrderedDict()

    async def metadata(self, url: str) -> AuthorizationServerMetadata:
        """The server's metadata. Raises ServerUnreachable, RateLimited, ProviderError."""
        found = await self.find(url)
        if found is None:
            raise ProviderError(
                "The server no longer publishes how to sign in.",
                hint="Check that the address is that of the server.",
            )
        return found

    async def find(self, url: str) -> AuthorizationServerMetadata | None:
        """The same, None where no metadata stands at `url`."""
        kept = self.known(url)
        if kept is not None:
            return kept
        found = await self._look(url)
        if found is not None:
            self._kept[url] = (self._clock.now(), found)
            self._kept.move_to_end(url)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def known(self, url: str) -> AuthorizationServerMetadata | None:
        """What is remembered of a server, without asking it."""
        at, metadata = self._kept.get(url, (None, None))
        if at is None or self._clock.now().boot - at.boot > _FRESH_FOR:
            return None
        return metadata

    async def _look(self, url: str) -> AuthorizationServerMetadata | None:
        wrong: ProviderError | None = None
        trouble: ServerUnreachable | None = None
        for address in metadata_urls(url):
            try:
                answer = await self._get(address)  # a host that is away is not asked three times
            except AnswerLost as lost:
                trouble = trouble or lost
                continue
            try:
                document = self._read(answer)
                if document is not None:
                    return server_metadata(document, url=url)
            except ProviderError as mistake:
                wrong = wrong or mistake
            except ServerUnreachable as away:
                trouble = trouble or away
        if wrong is not None or trouble is not None:
            raise wrong or trouble  # type: ignore[misc]  # one of them stands
        return None

    async def _get(self, address: str) -> HttpAnswer:
        return await self._http.request(
            "GET",
            address,
            headers={"Accept": "application/json"},
            deadline=_DEADLINE,
            follow_redirects=True,
        )

    def _read(self, answer: HttpAnswer) -> dict[str, object] | None:
        self._endpoints.check_pause(answer)
        document = json_object(answer.body) if answer.status == 200 else None
        return document if document is not None and names_a_server(document) else None
