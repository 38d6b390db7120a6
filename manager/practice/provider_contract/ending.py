"""Sign-out at the server."""

from __future__ import annotations

from manager.core.errors import ServerUnreachable

from .setting import ProviderSetting, Trouble
from .signing_in import Check, accepted, error_of, hold, signed_in


async def revocation_ends_it_and_may_be_repeated(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    await setting.provider.revoke(result.server, result.credential)
    hold(not await accepted(setting, result.credential), "The server accepts a revoked token.")
    await setting.provider.revoke(result.server, result.credential)


async def revocation_says_when_nobody_answers(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    async with setting.trouble(Trouble.AWAY):
        error = await error_of(setting.provider.revoke(result.server, result.credential))
    hold(isinstance(error, ServerUnreachable), "revoke() at a server that is away must say so.")


CHECKS: tuple[Check, ...] = (
    revocation_ends_it_and_may_be_repeated,
    revocation_says_when_nobody_answers,
)
