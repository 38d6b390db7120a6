"""Personal access tokens: whose they are, what they may do and how long they live."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from manager.core.account import Server
from manager.core.credential import ApiKey
from manager.core.errors import CredentialsRefused, ProviderError
from manager.core.moment import Moment, Validity
from manager.core.ports import Clock
from manager.core.provider import SignInResult
from manager.core.secret import Secret, fingerprint
from manager.oauth.server_time import unix_seconds

from . import account_query
from .speckle_server import GraphqlData, SpeckleServer, TokenNotValid

HOW_TO_MAKE = (
    "Make one in the web (Settings, Developer) with the scopes profile:read, profile:email and"
    " whatever your programs need."
)
_TOKEN = re.compile(r"[\x21-\x7e]{12,4096}")
_ID = 10  # a token begins with its id (speckle-server, modules/core/services/tokens.ts)
_FOR_EVER = 50 * 365 * 86_400.0  # the server's "no end" is a hundred years


def cleaned(pasted: Secret) -> Secret:
    """Without spaces and a leading `Bearer`. Raises CredentialsRefused where no header could carry
    it."""
    text = pasted.reveal().strip()
    if text[:7].lower() == "bearer ":
        text = text[7:].strip()
    if not _TOKEN.fullmatch(text):
        raise CredentialsRefused("This is no personal access token of Speckle.", hint=HOW_TO_MAKE)
    return Secret(text)


async def recognised(
    server: SpeckleServer, token: Secret, clock: Clock, *, imported: bool = False
) -> SignInResult:
    """An account of the token's own.

    Raises CredentialsRefused (not accepted, or it may not say whose it is), ServerUnreachable,
    RateLimited, ProviderError.
    """
    answer = await server.graphql(account_query.PASTED, {}, token)
    nobody = not isinstance(answer, TokenNotValid) and answer.data.get("activeUser") is None
    if isinstance(answer, TokenNotValid) or (nobody and not answer.errors):
        raise CredentialsRefused(
            "The server does not accept this token.",
            hint=f"It may be cut short, expired or revoked. {HOW_TO_MAKE}",
        )
    if nobody and answer.missing_scope:
        raise CredentialsRefused(
            "This token may not say whose it is: it lacks the scope profile:read.", hint=HOW_TO_MAKE
        )
    identity = account_query.identity(answer.data)
    if identity is None:
        raise ProviderError("The server accepts the token, but does not say whose it is.")
    now, scopes = clock.now(), key_scopes(answer, token)
    lifetime = _remaining(_own(answer.data, token), now)
    credential = ApiKey(
        key=token,
        validity=None if lifetime is None else Validity(now, lifetime),
        key_id=token.reveal()[:_ID],
        scopes=scopes,
        imported=imported,
    )
    return SignInResult(
        server=Server(server.origin, account_query.server_name(answer.data, server.origin)),
        identity=replace(identity, key=fingerprint(token)),
        credential=credential,
        scopes=scopes,
    )


def key_scopes(answer: GraphqlData, token: Secret) -> tuple[str, ...]:
    """What the answer to `account_query.PASTED` shows of the token's scopes: all of them where it
    may list the person's tokens, and otherwise those that the answer itself took."""
    own = _own(answer.data, token)
    listed = own.get("scopes") if own is not None else None
    if isinstance(listed, list):
        return tuple(scope for scope in listed if isinstance(scope, str))
    user = answer.data.get("activeUser")
    taken = {
        "profile:read": isinstance(user, dict),
        "profile:email": isinstance(user, dict) and isinstance(user.get("email"), str),
        "tokens:read": isinstance(answer.data.get("tokens"), dict),
        "apps:read": isinstance(answer.data.get("apps"), dict),
    }
    return tuple(scope for scope, shown in taken.items() if shown)


def end_of(entry: Mapping[str, Any]) -> float | None:
    """Unix seconds at which a listed token ends, None for never or where it is not said.
    `lifespan` is in milliseconds, a BigInt that may come as text."""
    created, lifespan = unix_seconds(entry.get("createdAt")), entry.get("lifespan")
    if created is None or isinstance(lifespan, bool) or not isinstance(lifespan, int | str):
        return None
    try:
        seconds = int(lifespan) / 1000
    except (ValueError, OverflowError):
        return None
    return created + seconds if 0 < seconds < _FOR_EVER else None


def entries(data: Mapping[str, Any], alias: str, name: str) -> tuple[Mapping[str, Any], ...]:
    """The objects of a list below `activeUser`, under whichever alias it was asked."""
    user = data.get(alias)
    listed = user.get(name) if isinstance(user, dict) else None
    return tuple(each for each in listed or () if isinstance(each, dict))


def is_own(entry: Mapping[str, Any], token: Secret) -> bool:
    return entry.get("id") == token.reveal()[:_ID]


def _own(data: Mapping[str, Any], token: Secret) -> Mapping[str, Any] | None:
    listed = entries(data, "tokens", "apiTokens")
    return next((entry for entry in listed if is_own(entry, token)), None)


def _remaining(entry: Mapping[str, Any] | None, now: Moment) -> float | None:
    end = None if entry is None else end_of(entry)
    return None if end is None else max(1.0, end - now.wall)
