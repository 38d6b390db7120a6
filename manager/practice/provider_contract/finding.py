"""Does a provider know its own kind of server, and no other?"""

from __future__ import annotations

from manager.core.errors import ServerUnreachable
from manager.core.provider import SignInMethod
from manager.core.server_address import canonical

from .setting import ContractBroken, ProviderSetting, Trouble
from .signing_in import by_browser, error_of, hold


async def probe_recognises_its_server(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.request.server_url)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    hold(probe.provider == setting.provider.id, "probe() names another provider.")
    hold(probe.server.url == canonical(probe.server.url), "probe() gives an uncanonical address.")
    hold(bool(probe.server.name), "probe() gives the server no name.")
    hold(bool(probe.sign_in_methods), "probe() offers no way to sign in.")
    hold(
        SignInMethod.BROWSER not in probe.sign_in_methods or bool(probe.redirect_methods),
        "probe() offers the browser, but no way back from it.",
    )
    for method in probe.redirect_methods:
        hold(
            bool(by_browser(setting).redirection(probe.server.url, method).uri),
            f"redirection() knows nothing of {method}, which probe() offers.",
        )


async def probe_leaves_others_alone(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.foreign_url)
    hold(probe is None, "probe() takes any web server for its own.")


async def probe_says_when_nobody_answers(setting: ProviderSetting) -> None:
    async with setting.trouble(Trouble.AWAY):
        error = await error_of(setting.provider.probe(setting.request.server_url))
    hold(isinstance(error, ServerUnreachable), "probe() of a server that is away must say so.")
