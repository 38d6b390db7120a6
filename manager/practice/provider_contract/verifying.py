"""Is this still signed in? What the answer may mean, and what it never does."""

from __future__ import annotations

from manager.core.provider import SignInResult
from manager.core.provider_abilities import (
    SignedOutThere,
    StillSignedIn,
    Verification,
    VerifiesCredentials,
)

from .setting import ContractBroken, ProviderSetting, Trouble
from .signing_in import Check, error_of, hold, signed_in


async def verification_knows_a_good_sign_in(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    verdict = await _verify(setting, result)
    if not isinstance(verdict, StillSignedIn):
        raise ContractBroken("verify() calls a good sign-in ended.")
    identity = verdict.identity
    same = identity is None or identity.subject == result.identity.subject
    hold(same, "verify() names somebody else.")
    hold(verdict.server.url == result.server.url, "verify() moves a server that has not moved.")


async def verification_says_when_it_is_over(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    await setting.end_sign_ins()
    verdict = await _verify(setting, result)
    hold(isinstance(verdict, SignedOutThere), "An ended sign-in must be SignedOutThere.")


async def verification_reads_no_trouble_as_the_end(setting: ProviderSetting) -> None:
    for trouble in (Trouble.AWAY, Trouble.CAPTIVE_PORTAL, Trouble.BROKEN, Trouble.RATE_LIMITED):
        result = await signed_in(setting)
        verdicts: list[Verification] = []

        async def ask(asked: SignInResult = result, told: list[Verification] = verdicts) -> None:
            told.append(await _verify(setting, asked))

        async with setting.trouble(trouble):
            await error_of(ask())
        ended = any(isinstance(verdict, SignedOutThere) for verdict in verdicts)
        hold(not ended, f"{trouble} is read as signed out.")


async def _verify(setting: ProviderSetting, result: SignInResult) -> Verification:
    provider = setting.provider
    if not isinstance(provider, VerifiesCredentials):
        raise ContractBroken("These checks need verify().")
    return await provider.verify(result.server, result.identity, result.credential)


CHECKS: tuple[Check, ...] = (
    verification_knows_a_good_sign_in,
    verification_says_when_it_is_over,
    verification_reads_no_trouble_as_the_end,
)
