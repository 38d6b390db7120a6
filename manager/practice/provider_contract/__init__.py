"""What every Provider must hold to, as checks that need no test framework.

    async with my_setting() as setting:          # a setting around a running server
        for check in checks(SignInMethod.BROWSER):
            await check(setting)

A check raises ContractBroken with a sentence. Each starts from nothing and leaves its own sign-in
behind; none looks inside the provider. Written for the authors of providers: ours pass it too.
"""

from manager.core.provider import SignInMethod

from . import browser, device, ending, every_provider, form, renewing, verifying
from .setting import (
    BrowserSetting,
    ContractBroken,
    DeviceSetting,
    FormSetting,
    ProviderSetting,
    Trouble,
)
from .signing_in import Check

__all__ = [
    "CHECKS",
    "BrowserSetting",
    "Check",
    "ContractBroken",
    "DeviceSetting",
    "FormSetting",
    "ProviderSetting",
    "Trouble",
    "checks",
]
_BY_METHOD = {
    SignInMethod.BROWSER: browser.CHECKS,
    SignInMethod.DEVICE: device.CHECKS,
    SignInMethod.FORM: form.CHECKS,
}


def checks(
    method: SignInMethod, *, renews: bool = True, revokes: bool = True, verifies: bool = False
) -> tuple[Check, ...]:
    """Those for one way to sign in. `renews`: what it brings renews by itself; `revokes`: the
    server can end it; `verifies`: the provider has `verify`."""
    return (
        *every_provider.CHECKS,
        *_BY_METHOD[method],
        *(renewing.CHECKS if renews else ()),
        *(ending.CHECKS if revokes else ()),
        *(verifying.CHECKS if verifies else ()),
    )


CHECKS = checks(SignInMethod.BROWSER)
