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

from .http_answer import HttpAnswer

_PORTAL = (
    "Where a network asks to log in first (hotel, train), do that in the browser; otherwise check"
    " the address of the server."
)


def no_verdict(answer: HttpAnswer, wall: float, kind: str) -> AccountManagerError:
    """What to raise. `wall`: unix seconds now; `kind`: the kind of server that was expected.

    Where somebody between us and the server (a gateway, a portal) may have lost the server's own
    answer, it is AnswerLost.
    """
    host, status = urlsplit(answer.url).hostname, answer.status
    pause = retry_after(answer.headers.get("retry-after"), now=wall)
    if status == 429:
        return RateLimited(f"{host} asks for a pause.", retry_after=pause)
    if status in (502, 504):
        return AnswerLost(f"A gateway in front of {host} did not get its answer.")
    if status >= 500 or status in (408, 425):
        return ServerUnreachable(
            f"{host} has trouble of its own (status {status}).", retry_after=pause
        )
    if 200 <= status < 300:
        return AnswerLost(f"What came from {host} is no answer of {kind}.", hint=_PORTAL)
    if json_object(answer.body) is not None:
        return ProviderError(f"{host} refused the request (status {status}).")
    return ServerUnreachable(f"Something else than {kind} answered at {host}.", hint=_PORTAL)
