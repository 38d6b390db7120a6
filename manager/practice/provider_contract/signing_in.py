"""Sign-ins that go well, by whatever way the setting knows; each check starts with one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from manager.core.credential import Credential
from manager.core.device_sign_in import PendingDevice, SignsInByDevice
from manager.core.errors import AccountManagerError
from manager.core.form_sign_in import PendingForm, SignsInByForm
from manager.core.provider import (
    PendingAuthorization,
    RequestToAuthorize,
    SignInResult,
    SignsInByBrowser,
)
from manager.core.sign_in_form import SignInForm, checked_values

from .setting import (
    BrowserSetting,
    ContractBroken,
    DeviceSetting,
    FormSetting,
    ProviderSetting,
)

Check = Callable[[ProviderSetting], Awaitable[None]]
_STEPS = 3


def hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ContractBroken(otherwise)


async def signed_in(setting: ProviderSetting) -> SignInResult:
    if isinstance(setting, BrowserSetting):
        pending = await begun(setting)
        return await pending.redeem(await setting.allow(pending.authorization_url))
    if isinstance(setting, DeviceSetting):
        device = await device_begun(setting)
        await setting.confirm(device)
        return await answered(device)
    if isinstance(setting, FormSetting):
        return await filled_in(setting, await form_begun(setting))
    raise ContractBroken("The setting knows no way to sign in.")


def by_browser(setting: ProviderSetting) -> SignsInByBrowser:
    provider = setting.provider
    if not isinstance(provider, SignsInByBrowser):
        raise ContractBroken("The browser is offered, but redirection() or begin() is missing.")
    return provider


async def begun(setting: ProviderSetting) -> PendingAuthorization:
    probe = await setting.provider.probe(setting.request.server_url)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    provider = by_browser(setting)
    way = provider.redirection(probe.server.url, probe.redirect_methods[0])
    pending = await provider.begin(setting.request, way.uri.replace("{port}", "49152"))
    hold(pending.tries >= 1, "A sign-in without a try cannot end well.")
    return pending


async def form_begun(setting: FormSetting) -> PendingForm:
    provider = setting.provider
    if not isinstance(provider, SignsInByForm):
        raise ContractBroken("A form is offered, but begin_form() is missing.")
    pending = await provider.begin_form(setting.request, setting.form_id)
    hold(pending.form.id == setting.form_id, "begin_form() begins with another form.")
    return pending


async def filled_in(setting: FormSetting, pending: PendingForm) -> SignInResult:
    """Through every step that the server asks for."""
    outcome: SignInResult | SignInForm = pending.form
    for _ in range(_STEPS):
        if isinstance(outcome, SignInResult):
            break
        outcome = await pending.submit(checked_values(outcome, setting.fill(outcome)))
    if isinstance(outcome, SignInForm):
        raise ContractBroken("The form never ends.")
    return outcome


async def device_begun(setting: ProviderSetting) -> PendingDevice:
    provider = setting.provider
    if not isinstance(provider, SignsInByDevice):
        raise ContractBroken("A device code is offered, but begin_device() is missing.")
    return await provider.begin_device(setting.request)


async def answered(pending: PendingDevice) -> SignInResult:
    """Polls as slowly as the server asks, which a practice server asks for quickly."""
    for _ in range(20):
        result = await pending.poll()
        if result is not None:
            return result
        await asyncio.sleep(pending.interval)
    raise ContractBroken("The code was confirmed, but poll() never says so.")


async def accepted(setting: ProviderSetting, credential: Credential) -> bool:
    request = RequestToAuthorize("GET", setting.resource_url)
    return await setting.accepts(setting.provider.headers(credential, request))


async def error_of(doing: Awaitable[object]) -> BaseException | None:
    try:
        await doing
    except AccountManagerError as error:
        return error
    return None


async def refresh_error(setting: ProviderSetting, result: SignInResult) -> BaseException | None:
    refreshing = setting.provider.refresh(result.server, result.identity, result.credential)
    return await error_of(refreshing)
