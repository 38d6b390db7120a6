"""Renewing a pair: the old refresh token is spent by the request."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from manager.core.credential import SessionToken
from manager.core.errors import AccountManagerError, ProviderError, RefreshRefused
from manager.core.moment import Moment
from manager.oauth.unverified_claims import validity_when_issued
from manager.providers.http_answer import HttpAnswer

from .answers import is_elsewhere, is_refusal, no_verdict, pair


def renewed(old: SessionToken, answer: HttpAnswer, now: Moment) -> SessionToken:
    """The new pair. Raises RefreshRefused (reuse, the end of the sign-in), ProviderError where the
    path is wrong, ServerUnreachable, AnswerLost, RateLimited."""
    found = pair(answer)
    if found is None:
        raise refusal(answer, now)
    return replace(
        old,
        token=found.access,
        refresh_token=found.refresh or old.refresh_token,
        validity=validity_when_issued(found.access, now),
        imported=False,
    )


def refusal(answer: HttpAnswer, now: Moment) -> AccountManagerError:
    if is_refusal(answer):
        return RefreshRefused("FoxNose does not accept this sign-in's refresh token any more.")
    if is_elsewhere(answer):
        parts = urlsplit(answer.url)
        return ProviderError(
            f"FoxNose renews no sign-ins at {parts.path}: the refresh path is another one. The"
            " sign-in still stands.",
            hint=f"Set it in servers.toml, for {parts.scheme}://{parts.netloc}: settings ="
            ' { refresh_path = "/..." }; or sign in again with the right one.',
        )
    return no_verdict(answer, now.wall)
