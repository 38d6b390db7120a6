"""The requests to one Speckle server; each is sent once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manager.core.ports import Clock
from manager.core.secret import Secret
from manager.oauth.bearer import bearer
from manager.oauth.json_object import json_object
from manager.oauth.server_text import shown_error_code
from manager.providers.http_client import HttpAnswer, HttpClient
from manager.providers.no_verdict import no_verdict

from .answers import KIND, is_invalid_token


@dataclass(frozen=True, slots=True)
class GraphqlError:
    """`scope`: what the token lacks, where the code is FORBIDDEN ("unknown" where it is not said).
    The server's message stays out: it may quote what was sent."""

    code: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class GraphqlData:
    """`data` may be partial: errors come with status 200 beside it."""

    data: Mapping[str, Any]
    errors: tuple[GraphqlError, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(error.code for error in self.errors)

    @property
    def missing_scope(self) -> str:
        """The first scope that the token lacks for what was asked; empty where it lacks none."""
        return next((error.scope for error in self.errors if error.code == "FORBIDDEN"), "")


@dataclass(frozen=True, slots=True)
class TokenNotValid:
    """The server does not know the access token (any more)."""


class SpeckleServer:
    def __init__(self, origin: str, http: HttpClient, clock: Clock) -> None:
        self.origin = origin
        self._http = http
        self._clock = clock

    async def post(self, url: str, body: Mapping[str, str]) -> HttpAnswer:
        """Without bearer and cookies: with a stale one every route answers 403."""
        return await self._http.request("POST", url, json=dict(body))

    async def graphql(
        self, query: str, variables: Mapping[str, object], token: Secret
    ) -> GraphqlData | TokenNotValid:
        """Raises ServerUnreachable, RateLimited, ProviderError."""
        answer = await self._ask(query, variables, bearer(token))
        if is_invalid_token(answer):
            return TokenNotValid()
        found = _graphql_data(answer)
        if found is None:
            raise no_verdict(answer, self._clock.now().wall, KIND)
        return found

    async def public(self, query: str) -> GraphqlData | None:
        """What anybody may ask; None when something that is no Speckle server answers.

        Raises ServerUnreachable, RateLimited.
        """
        answer = await self._ask(query, {}, {})
        # 501 is a plain web server that takes no POST at all (RFC 9110 section 15.6.2).
        if answer.status == 429 or (answer.status >= 500 and answer.status != 501):
            raise no_verdict(answer, self._clock.now().wall, KIND)
        return _graphql_data(answer)

    async def _ask(
        self, query: str, variables: Mapping[str, object], headers: Mapping[str, str]
    ) -> HttpAnswer:
        return await self._http.request(
            "POST",
            f"{self.origin}/graphql",
            headers=headers,
            json={"query": query, "variables": dict(variables)},
        )

    async def supports_s256(self) -> bool:
        """`GET /oauth/token` answers exactly `supported`. The status alone says nothing: a front
        end may answer 200 to everything."""
        answer = await self._http.request(
            "GET", f"{self.origin}/oauth/token", headers={"Accept": "*/*"}
        )
        return answer.status == 200 and answer.body == b"supported"


def _graphql_data(answer: HttpAnswer) -> GraphqlData | None:
    document = json_object(answer.body) if answer.status == 200 else None
    if document is None or not ("data" in document or "errors" in document):
        return None
    data = document.get("data")
    return GraphqlData(data if isinstance(data, dict) else {}, _errors(document.get("errors")))


def _errors(errors: object) -> tuple[GraphqlError, ...]:
    found: list[GraphqlError] = []
    for error in errors if isinstance(errors, list) else ():
        extensions = error.get("extensions") if isinstance(error, dict) else None
        said = extensions if isinstance(extensions, dict) else {}
        code, scope = shown_error_code(said.get("code")), shown_error_code(said.get("scope"))
        if code == "FORBIDDEN":
            scope = scope or "unknown"
        found.append(GraphqlError(code, scope))
    return tuple(found)
