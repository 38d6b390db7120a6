"""What a Speckle server's answers mean; pure, and never quoting them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from manager.core.errors import (
    AccountManagerError,
    AnswerLost,
    ProviderError,
    RateLimited,
    ServerUnreachable,
)
from manager.core.secret import Secret
from manager.oauth.json_object import json_object
from manager.oauth.retry_after import retry_after
from manager.providers.http_answer import HttpAnswer

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")  # what an Authorization header can carry
_PORTAL = (
    "Where a network asks to log in first (hotel, train), do that in the browser; otherwise check"
    " the address of the server."
)


@dataclass(frozen=True, slots=True)
class TokenPair:
    access_token: Secret
    refresh_token: Secret | None


def token_pair(answer: HttpAnswer) -> TokenPair | None:
    """`{"token", "refreshToken"}` of POST /auth/token and /oauth/token; None if it is not that."""
    document = json_object(answer.body) if answer.status == 200 else None
    if document is None:
        return None
    token, refresh_token = document.get("token"), document.get("refreshToken")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    if not isinstance(refresh_token, str) or not _TOKEN.fullmatch(refresh_token):
        return TokenPair(Secret(token), None)
    return TokenPair(Secret(token), Secret(refresh_token))


def is_refusal(answer: HttpAnswer) -> bool:
    """401 `{"err": "..."}`: how /auth/token says no to everything, whatever the reason."""
    document = json_object(answer.body) if answer.status == 401 else None
    return document is not None and isinstance(document.get("err"), str)


def is_invalid_token(answer: HttpAnswer) -> bool:
    """403 `{"error": "Your token is not valid."}`, before any route runs."""
    document = json_object(answer.body) if answer.status == 403 else None
    return document is not None and document.get("error") == "Your token is not valid."


def is_logged_out(answer: HttpAnswer) -> bool:
    """Whether nothing of the pair is left: logged out now, or the token was gone before."""
    if answer.status == 200:
        return isinstance((json_object(answer.body) or {}).get("message"), str)
    return answer.status == 400 and b"trying to logout" in answer.body


def no_verdict(answer: HttpAnswer, wall: float) -> AccountManagerError:
    """The error for an answer that decides nothing about the account. `wall`: unix seconds now.

    Where somebody between us and the server (a gateway, a portal) may have lost the server's own
    answer, it is AnswerLost.
    """
    host, status = urlsplit(answer.url).hostname, answer.status
    if status == 429:
        pause = retry_after(answer.headers.get("retry-after"), now=wall)
        return RateLimited(f"{host} asks for a pause.", retry_after=pause)
    if status in (502, 504):
        return AnswerLost(f"A gateway in front of {host} did not get its answer.")
    if status >= 500:
        return ServerUnreachable(f"{host} has trouble of its own (status {status}).")
    if 200 <= status < 300:
        return AnswerLost(f"What came from {host} is no answer of a Speckle server.", hint=_PORTAL)
    if json_object(answer.body) is not None:
        return ProviderError(f"{host} refused the request (status {status}).")
    return ServerUnreachable(f"Something else than Speckle answered at {host}.", hint=_PORTAL)
