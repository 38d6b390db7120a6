"""The device authorization grant (RFC 8628)."""

from __future__ import annotations

from manager.core.errors import ServerUnreachable, SignInDenied
from manager.core.provider import SignInMethod
from manager.core.server_address import origin

from .setting import ContractBroken, DeviceSetting, ProviderSetting, Trouble
from .signing_in import Check, answered, device_begun, error_of, hold


async def device_code_is_offered(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.request.server_url)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    hold(SignInMethod.DEVICE in probe.sign_in_methods, "probe() does not offer a device code.")


async def device_waits_for_the_person(setting: ProviderSetting) -> None:
    pending = await device_begun(setting)
    hold(bool(pending.user_code), "There is no code to type.")
    hold(bool(origin(pending.verification_uri)), "The address is none.")
    hold(pending.expires_in > 0 and pending.interval > 0, "Expiry and interval are seconds.")
    hold(await pending.poll() is None, "poll() ends before the person has done anything.")
    printed = repr(pending)
    await _person(setting).confirm(pending)
    await answered(pending)
    secrets = [secret for secret in setting.secrets if secret != pending.user_code]
    hold(not any(secret in printed for secret in secrets), "A device code can be printed.")


async def device_denial_is_said(setting: ProviderSetting) -> None:
    pending = await device_begun(setting)
    await _person(setting).refuse(pending)
    error = await error_of(answered(pending))
    hold(isinstance(error, SignInDenied), "A denial on the other device must be SignInDenied.")


async def device_trouble_ends_nothing(setting: ProviderSetting) -> None:
    pending = await device_begun(setting)
    async with setting.trouble(Trouble.AWAY):
        error = await error_of(pending.poll())
    hold(isinstance(error, ServerUnreachable), "Away is ServerUnreachable.")
    await _person(setting).confirm(pending)
    await answered(pending)


def _person(setting: ProviderSetting) -> DeviceSetting:
    if not isinstance(setting, DeviceSetting):
        raise ContractBroken("These checks need a person with another device.")
    return setting


CHECKS: tuple[Check, ...] = (
    device_code_is_offered,
    device_waits_for_the_person,
    device_denial_is_said,
    device_trouble_ends_nothing,
)
