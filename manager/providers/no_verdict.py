"""The error for an answer that says nothing about the account: who is it that answered?"""

from __future__ import annotations

from urllib.parse import urlsplit

from manager.core.errors import (
    AccountManagerError,
    AnswerLost,
    ProviderError,
    RateLimited,
    ServerUnreachable,
)
from manager.oauth.json_object import json_object
from manager.oauth.retry_after import retry_after

from .captive_portal import LOG_IN_FIRST
from .http_answer import HttpAnswer

_PORTAL = f"{LOG_IN_FIRST}; otherwise check the address of the server."


def no_verdict(
    answer: HttpAnswer, wall: float, kind: str, *, own_words: bool | None = None
) -> AccountManagerError:
    """What to raise. `wall`: unix seconds now; `kind`: the kind of server that was expected;
    `own_words`: whether the body is what such a server says, None where any JSON object may be.

    Where somebody between us and the server (a gateway, a portal) may have lost the server's own
    answer, it is AnswerLost.
    """
    trouble = trouble_of(answer, wall)
    if trouble is not None:
        return trouble
    host, status = _host(answer), answer.status
    if 200 <= status < 300:
        return AnswerLost(f"What came from {host} is no answer of {kind}.", hint=_PORTAL)
    if own_words is None:
        own_words = json_object(answer.body) is not None
    if own_words:
        return ProviderError(f"{host} refused the request (status {status}).")
    return ServerUnreachable(f"Something else than {kind} answered at {host}.", hint=_PORTAL)


def trouble_of(answer: HttpAnswer, wall: float) -> ServerUnreachable | RateLimited | None:
    """The error for an answer that asks for patience, whatever was asked; None for all others."""
    host, status = _host(answer), answer.status
    pause = retry_after(answer.headers.get("retry-after"), now=wall)
    if status == 429:
        return RateLimited(f"{host} asks for a pause.", retry_after=pause)
    if status in (502, 504):
        # It speaks for a server that may well have acted on the request.
        return AnswerLost(
            f"A gateway in front of {host} did not get its answer.", retry_after=pause
        )
    if status >= 500 or status in (408, 425):
        return ServerUnreachable(
            f"{host} has trouble of its own (status {status}).", retry_after=pause
        )
    return None


def _host(answer: HttpAnswer) -> str:
    return urlsplit(answer.url).hostname or "The server"
