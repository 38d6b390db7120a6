"""Is this still signed in, and is the server still where it was?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from manager.core.account import Identity, Server
from manager.core.credential import Credential, OAuthTokens
from manager.core.errors import InvalidRequest, ProviderError, ServerUnreachable, TimeHelps
from manager.core.provider_abilities import SignedOutThere, StillSignedIn, Verification
from manager.core.secret import Secret
from manager.core.server_address import canonical, origin, reaches_into_this_machine

from . import account_query
from .access_token import key_scopes
from .presented_token import presented_token
from .speckle_server import GraphqlData, SpeckleServer, TokenNotValid


class Verifier:
    """`at`: the server at an address."""

    def __init__(self, at: Callable[[str], SpeckleServer]) -> None:
        self._at = at

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        """See VerifiesCredentials. Final are 403 with the server's own words, and an answer that
        knows nobody and complains of nothing; a missing scope, a 401 or anything else is not."""
        token = presented_token(credential)
        answer = await self._asked(server, credential, token)
        if isinstance(answer, TokenNotValid):
            return SignedOutThere(f"{server.name} does not accept this sign-in any more.")
        found = account_query.identity(answer.data)
        if found is None:
            return _nobody(server, answer)
        place = await self._moved(server, answer.data, token, found.subject)
        return StillSignedIn(
            server=place or _named(server, answer.data),
            identity=replace(found, key=identity.key),
            scopes=_scopes(answer, credential, token),
        )

    async def _asked(
        self, server: Server, credential: Credential, token: Secret
    ) -> GraphqlData | TokenNotValid:
        speckle = self._at(server.url)
        if isinstance(credential, OAuthTokens):
            app = {"app": credential.client.client_id}
            return await speckle.graphql(account_query.VERIFY, app, token)
        return await speckle.graphql(account_query.PASTED, {}, token)

    async def _moved(
        self, server: Server, data: Mapping[str, Any], token: Secret, subject: str
    ) -> Server | None:
        """The address that the operator names, once the server there knows the same person by the
        same token; until then the old one stays."""
        address = _new_address(server, data)
        if address is None:
            return None
        try:
            answer = await self._at(address).graphql(account_query.VERIFY, {"app": ""}, token)
        except (TimeHelps, ServerUnreachable, ProviderError, InvalidRequest):
            return None
        if isinstance(answer, TokenNotValid):
            return None
        there = account_query.identity(answer.data)
        if there is None or there.subject != subject:
            return None
        name = account_query.server_name(answer.data, address)
        return Server(address, name, moved_from=server.url)


def _new_address(server: Server, data: Mapping[str, Any]) -> str | None:
    """Only https, or this machine where the server is on it already."""
    said = account_query.moved_to(data)
    if said is None:
        return None
    try:
        address = origin(canonical(said))
    except InvalidRequest:
        return None
    if address == origin(server.url) or reaches_into_this_machine(address, of=server.url):
        return None
    return address


def _nobody(server: Server, answer: GraphqlData) -> Verification:
    if answer.missing_scope:  # the token is good, but may not say whose it is
        return StillSignedIn(server=_named(server, answer.data))
    if not answer.errors and "activeUser" in answer.data:
        return SignedOutThere(f"{server.name} does not know whose sign-in this is any more.")
    raise ProviderError(
        f"{server.name} answered, but did not say whether this sign-in still stands.",
        hint="A proxy on the way may keep the token from it; nothing was changed.",
    )


def _named(server: Server, data: Mapping[str, Any]) -> Server:
    if not isinstance(data.get("serverInfo"), dict):
        return server
    return replace(server, name=account_query.server_name(data, server.url))


def _scopes(answer: GraphqlData, credential: Credential, token: Secret) -> tuple[str, ...] | None:
    if isinstance(credential, OAuthTokens):
        return account_query.scopes(answer.data) or None
    return key_scopes(answer, token)
