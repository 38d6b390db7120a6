"""Renewal: what it brings, and what is never read as the end."""

from __future__ import annotations

from manager.core.credential import renewal_of
from manager.core.errors import (
    AnswerLost,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
)

from .setting import ProviderSetting, Trouble
from .signing_in import Check, accepted, hold, refresh_error, signed_in


async def refresh_brings_what_the_server_accepts(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    hold(renewal_of(result.credential).by_itself, "It renews, but its credential does not say so.")
    refreshed = await setting.provider.refresh(result.server, result.identity, result.credential)
    hold(refreshed.credential != result.credential, "refresh() brought nothing new.")
    hold(await accepted(setting, refreshed.credential), "The refreshed headers are refused.")


async def refresh_says_when_all_is_over(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    await setting.end_sign_ins()
    error = await refresh_error(setting, result)
    hold(isinstance(error, RefreshRefused), "The server's final word must be RefreshRefused.")


async def trouble_is_never_signed_out(setting: ProviderSetting) -> None:
    for trouble in Trouble:
        result = await signed_in(setting)
        async with setting.trouble(trouble):
            error = await refresh_error(setting, result)
        hold(error is not None, f"refresh() succeeds although the server is {trouble}.")
        hold(not isinstance(error, RefreshRefused), f"{trouble} is read as signed out.")
        if trouble is Trouble.AWAY:
            told = isinstance(error, ServerUnreachable) and not isinstance(error, AnswerLost)
            hold(told, "Away is ServerUnreachable, and nothing was lost.")
        elif trouble is Trouble.LOST_ANSWER:
            hold(isinstance(error, AnswerLost), "A lost answer must be AnswerLost.")
        elif trouble is Trouble.RATE_LIMITED:
            told = isinstance(error, RateLimited) and error.retry_after == 7
            hold(told, "429 must be RateLimited with the server's own pause.")


CHECKS: tuple[Check, ...] = (
    refresh_brings_what_the_server_accepts,
    refresh_says_when_all_is_over,
    trouble_is_never_signed_out,
)
