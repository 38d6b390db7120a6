"""Renewing a sign-in that came through the browser, here or in another program."""

from __future__ import annotations

from dataclasses import replace

from manager.core.account import Server
from manager.core.credential import ClientRegistration, OAuthTokens
from manager.core.errors import RefreshRefused, ServerUnreachable
from manager.core.moment import Validity
from manager.core.ports import Clock
from manager.core.provider import Refreshed
from manager.core.secret import Secret
from manager.core.server_address import origin
from manager.providers.no_verdict import no_verdict

from . import account_query
from .answers import KIND, TokenPair, is_refusal, token_pair
from .authorization import RENEW_AFTER, RETIRE_AFTER
from .speckle_server import SpeckleServer, TokenNotValid

UNKNOWN_APP = ClientRegistration("")
"""Of an imported sign-in: the other program did not write down as which app it signed in."""
_APPS = ("sdm", "sca", "sdas", "connectrV3", "sdui", "spklexcel")
"""Whom an imported refresh token may belong to; asking as the wrong one costs nothing."""


async def refresh(
    speckle: SpeckleServer, server: Server, old: OAuthTokens, clock: Clock
) -> Refreshed:
    """A 401 is how this server says no to everything, so it is believed only when the access token
    is refused as well. Raises what Provider.refresh does."""
    if old.refresh_token is None:
        raise RefreshRefused("This sign-in cannot be renewed.")
    for client in _clients(old):
        body = {
            "appId": client.client_id,
            "appSecret": (client.client_secret or Secret(client.client_id)).reveal(),
            "refreshToken": old.refresh_token.reveal(),
        }
        answer = await speckle.post(present_address(server, old.token_endpoint), body)
        pair = token_pair(answer)
        if pair is not None:
            return _refreshed(server, replace(old, client=client), pair, clock)
        if not is_refusal(answer):
            raise no_verdict(answer, clock.now().wall, KIND)
    await _confirm(speckle, server, old)
    raise ServerUnreachable(
        f"{server.name} did not renew the sign-in, but still accepts the present one.",
        hint="It will be tried again by itself; nothing has to be done now.",
    )


def present_address(server: Server, endpoint: str) -> str:
    """An endpoint of the server as it was at sign-in, at the address that it has now: it moved only
    once the new address knew the same person by the same token."""
    if server.moved_from is None or origin(endpoint) != origin(server.moved_from):
        return endpoint
    return origin(server.url) + endpoint.removeprefix(origin(endpoint))


def _clients(old: OAuthTokens) -> tuple[ClientRegistration, ...]:
    if old.client.client_id:
        return (old.client,)
    return tuple(ClientRegistration(app, Secret(app)) for app in _APPS)


async def _confirm(speckle: SpeckleServer, server: Server, old: OAuthTokens) -> None:
    """After a refused refresh token: is the person really signed out?"""
    answer = await speckle.graphql(account_query.WHO, {}, old.access_token)
    if isinstance(answer, TokenNotValid) or (
        not answer.errors and "activeUser" in answer.data and answer.data["activeUser"] is None
    ):
        raise RefreshRefused(f"{server.name} accepts neither token of this sign-in any more.")


def _refreshed(server: Server, old: OAuthTokens, pair: TokenPair, clock: Clock) -> Refreshed:
    issued, retiring = clock.now(), old.revocation_endpoint
    renewed = replace(
        old,
        access_token=pair.access_token,
        refresh_token=pair.refresh_token or old.refresh_token,
        validity=Validity(issued, None),
        token_endpoint=present_address(server, old.token_endpoint),
        revocation_endpoint=None if retiring is None else present_address(server, retiring),
        renew_at=issued.wall + RENEW_AFTER,
        imported=False,
    )
    # Logging out an old pair ends the refresh token that it names.
    shared = renewed.refresh_token == old.refresh_token
    return Refreshed(renewed, retire_after=None if old.imported or shared else RETIRE_AFTER)
