"""What holds for every provider, whichever way a person signs in."""

from __future__ import annotations

from manager.core.credential import OAuthTokens, SessionToken, SigningKey
from manager.core.errors import AccountManagerError
from manager.core.provider_abilities import SetsVariables
from manager.core.server_address import canonical, origin

from .finding import (
    probe_leaves_others_alone,
    probe_recognises_its_server,
    probe_says_when_nobody_answers,
)
from .setting import ProviderSetting
from .signing_in import Check, accepted, hold, refresh_error, signed_in


async def sign_in_ends_in_headers_that_the_server_accepts(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    hold(bool(result.identity.subject), "The identity has no subject.")
    hold(bool(result.identity.label), "The identity has no label.")
    hold(result.server.url == canonical(result.server.url), "The server's address is uncanonical.")
    hold(await accepted(setting, result.credential), "The server refuses the headers.")
    allowed = setting.provider.origins(result.server, result.credential)
    hold(bool(allowed), "origins() is empty: the headers may go nowhere.")
    hold(all(each == origin(each) for each in allowed), "origins() holds more than origins.")
    hold(origin(setting.resource_url) in allowed, "origins() forbids the server's own programs.")


async def nothing_prints_a_secret(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    printed = [repr(result), str(result.credential), repr(setting.provider)]
    await setting.end_sign_ins()
    error = await refresh_error(setting, result)
    while error is not None:
        printed += [repr(error), str(error), getattr(error, "hint", "")]
        error = error.__cause__ or error.__context__
    for secret in setting.secrets:
        hold(not any(secret in text for text in printed), "A token or code can be printed.")


async def variables_hold_nothing_that_renews(setting: ProviderSetting) -> None:
    result = await signed_in(setting)
    credential = result.credential
    if not isinstance(setting.provider, SetsVariables):
        return
    try:
        variables = setting.provider.variables_for(result.server, credential)
    except AccountManagerError:
        return  # a sentence instead is fine
    hold(bool(variables), "variables_for() is empty: say why instead.")
    kept = []
    if isinstance(credential, OAuthTokens | SessionToken):
        kept.append(credential.refresh_token)
    if isinstance(credential, SigningKey):
        kept.append(credential.private_key)
    values = {value.reveal() for value in variables.values()}
    hold(
        not any(each is not None and each.reveal() in values for each in kept),
        "A refresh token or private key never leaves the agent.",
    )


CHECKS: tuple[Check, ...] = (
    probe_recognises_its_server,
    probe_leaves_others_alone,
    probe_says_when_nobody_answers,
    sign_in_ends_in_headers_that_the_server_accepts,
    nothing_prints_a_secret,
    variables_hold_nothing_that_renews,
)
