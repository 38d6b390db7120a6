"""The journey through the browser."""

from __future__ import annotations

from manager.core.errors import SignInDenied, TimeHelps

from .setting import BrowserSetting, ContractBroken, ProviderSetting
from .signing_in import Check, begun, error_of, hold


async def sign_ins_do_not_resemble_each_other(setting: ProviderSetting) -> None:
    first, second = await begun(setting), await begun(setting)
    hold(first.authorization_url != second.authorization_url, "Two sign-ins have one URL.")
    hold(first.state is None or first.state != second.state, "Two sign-ins have one state.")
    printed = repr(first) + repr(second)
    hold(not any(secret in printed for secret in setting.secrets), "A sign-in prints a secret.")
    hold(first.state is not None or first.tries > 1, "Without state a stray code must not end it.")


async def denial_is_said(setting: ProviderSetting) -> None:
    pending = await begun(setting)
    error = await error_of(pending.redeem(await _person(setting).deny(pending.authorization_url)))
    hold(isinstance(error, SignInDenied), "A denial in the browser must be SignInDenied.")


async def code_counts_once(setting: ProviderSetting) -> None:
    pending = await begun(setting)
    answer = await _person(setting).allow(pending.authorization_url)
    await pending.redeem(answer)
    error = await error_of(pending.redeem(answer))
    hold(error is not None, "A code was redeemed twice.")
    hold(not isinstance(error, TimeHelps), "A spent code is no matter of time.")


def _person(setting: ProviderSetting) -> BrowserSetting:
    if not isinstance(setting, BrowserSetting):
        raise ContractBroken("These checks need a person with a browser.")
    return setting


CHECKS: tuple[Check, ...] = (sign_ins_do_not_resemble_each_other, denial_is_said, code_counts_once)
