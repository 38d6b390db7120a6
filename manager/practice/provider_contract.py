"""What every Provider must hold to, as checks that need no test framework.

    async with my_setting() as setting:          # a ProviderSetting around a running server
        for check in CHECKS:
            await check(setting)

A check raises ContractBroken with a sentence. Each starts from nothing and leaves its own sign-in
behind; none looks inside the provider. Written for the authors of providers: ours pass it too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol

from manager.core.account import Identity, Server
from manager.core.credential import Credential
from manager.core.errors import (
    AccountManagerError,
    AnswerLost,
    RateLimited,
    RefreshRefused,
    ServerUnreachable,
    SignInDenied,
    TimeHelps,
)
from manager.core.provider import (
    PendingAuthorization,
    Provider,
    RequestToAuthorize,
    SignInMethod,
    SignInRequest,
    SignInResult,
    SignsInByBrowser,
)
from manager.core.server_address import canonical, origin


class ContractBroken(AssertionError):
    """The provider does not hold to the contract; the sentence says where."""


class Trouble(StrEnum):
    """A bad day of the server, for as long as `ProviderSetting.trouble` is entered."""

    AWAY = "away"
    """Nothing listens."""
    LOST_ANSWER = "lost_answer"
    """Requests for tokens are processed, their answers are cut off."""
    CAPTIVE_PORTAL = "captive_portal"
    """Everything answers 200 with a page that asks to log in to the network."""
    BROKEN = "broken"
    """Everything answers 500."""
    RATE_LIMITED = "rate_limited"
    """Everything answers 429 with `Retry-After: 7`."""


class ProviderSetting(Protocol):
    """A provider, a running server of its kind, and a person who is quick with the browser."""

    @property
    def provider(self) -> Provider: ...

    @property
    def request(self) -> SignInRequest:
        """A sign-in at the server, with the client that it needs."""

    @property
    def foreign_url(self) -> str:
        """A web server that is not of this kind."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every token and code that the server has issued so far."""

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        """Follow the URL and consent; the parameters that come back to the redirect URI."""

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        """Follow the URL and refuse."""

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether the server serves a request with these headers."""

    async def end_sign_ins(self) -> None:
        """The operator ends every sign-in: no token of any kind is accepted any more."""

    def trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]: ...


Check = Callable[[ProviderSetting], Awaitable[None]]


async def probe_recognises_its_server(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.request.server_url)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    _hold(probe.provider == setting.provider.id, "probe() names another provider.")
    _hold(probe.server.url == canonical(probe.server.url), "probe() gives an uncanonical address.")
    _hold(bool(probe.server.name), "probe() gives the server no name.")
    _hold(bool(probe.sign_in_methods), "probe() offers no way to sign in.")
    _hold(
        SignInMethod.BROWSER not in probe.sign_in_methods or bool(probe.redirect_methods),
        "probe() offers the browser, but no way back from it.",
    )
    for method in probe.redirect_methods:
        _hold(
            bool(_by_browser(setting).redirection(probe.server.url, method).uri),
            f"redirection() knows nothing of {method}, which probe() offers.",
        )


async def probe_leaves_others_alone(setting: ProviderSetting) -> None:
    probe = await setting.provider.probe(setting.foreign_url)
    _hold(probe is None, "probe() takes any web server for its own.")


async def probe_says_when_nobody_answers(setting: ProviderSetting) -> None:
    async with setting.trouble(Trouble.AWAY):
        error = await _error(setting.provider.probe(setting.request.server_url))
    _hold(isinstance(error, ServerUnreachable), "probe() of a server that is away must say so.")


async def sign_in_ends_in_headers_that_the_server_accepts(setting: ProviderSetting) -> None:
    result = await _signed_in(setting)
    _hold(bool(result.identity.subject), "The identity has no subject.")
    _hold(bool(result.identity.label), "The identity has no label.")
    _hold(result.server.url == canonical(result.server.url), "The server's address is uncanonical.")
    _hold(await _accepted(setting, result.credential), "The server refuses the headers.")
    allowed = setting.provider.origins(result.server, result.credential)
    _hold(bool(allowed), "origins() is empty: the headers may go nowhere.")
    _hold(all(each == origin(each) for each in allowed), "origins() holds more than origins.")


async def sign_ins_do_not_resemble_each_other(setting: ProviderSetting) -> None:
    first, second = await _begun(setting), await _begun(setting)
    _hold(first.authorization_url != second.authorization_url, "Two sign-ins have one URL.")
    _hold(first.state is None or first.state != second.state, "Two sign-ins have one state.")
    _hold(first.state is not None or first.tries > 1, "Without state a stray code must not end it.")


async def denial_is_said(setting: ProviderSetting) -> None:
    pending = await _begun(setting)
    error = await _error(pending.redeem(await setting.deny(pending.authorization_url)))
    _hold(isinstance(error, SignInDenied), "A denial in the browser must be SignInDenied.")


async def code_counts_once(setting: ProviderSetting) -> None:
    pending = await _begun(setting)
    answer = await setting.allow(pending.authorization_url)
    await pending.redeem(answer)
    error = await _error(pending.redeem(answer))
    _hold(error is not None, "A code was redeemed twice.")
    _hold(not isinstance(error, TimeHelps), "A spent code is no matter of time.")


async def refresh_brings_what_the_server_accepts(setting: ProviderSetting) -> None:
    result = await _signed_in(setting)
    refreshed = await setting.provider.refresh(result.server, result.identity, result.credential)
    _hold(refreshed.credential != result.credential, "refresh() brought nothing new.")
    _hold(await _accepted(setting, refreshed.credential), "The refreshed headers are refused.")


async def refresh_says_when_all_is_over(setting: ProviderSetting) -> None:
    result = await _signed_in(setting)
    await setting.end_sign_ins()
    error = await _refresh_error(setting, result)
    _hold(isinstance(error, RefreshRefused), "The server's final word must be RefreshRefused.")


async def trouble_is_never_signed_out(setting: ProviderSetting) -> None:
    for trouble in Trouble:
        result = await _signed_in(setting)
        async with setting.trouble(trouble):
            error = await _refresh_error(setting, result)
        _hold(error is not None, f"refresh() succeeds although the server is {trouble}.")
        _hold(not isinstance(error, RefreshRefused), f"{trouble} is read as signed out.")
        if trouble is Trouble.AWAY:
            told = isinstance(error, ServerUnreachable) and not isinstance(error, AnswerLost)
            _hold(told, "Away is ServerUnreachable, and nothing was lost.")
        elif trouble is Trouble.LOST_ANSWER:
            _hold(isinstance(error, AnswerLost), "A lost answer must be AnswerLost.")
        elif trouble is Trouble.RATE_LIMITED:
            told = isinstance(error, RateLimited) and error.retry_after == 7
            _hold(told, "429 must be RateLimited with the server's own pause.")


async def revocation_ends_it_and_may_be_repeated(setting: ProviderSetting) -> None:
    result = await _signed_in(setting)
    await setting.provider.revoke(result.server, result.credential)
    _hold(not await _accepted(setting, result.credential), "The server accepts a revoked token.")
    await setting.provider.revoke(result.server, result.credential)


async def revocation_says_when_nobody_answers(setting: ProviderSetting) -> None:
    result = await _signed_in(setting)
    async with setting.trouble(Trouble.AWAY):
        error = await _error(setting.provider.revoke(result.server, result.credential))
    _hold(isinstance(error, ServerUnreachable), "revoke() at a server that is away must say so.")


async def nothing_prints_a_secret(setting: ProviderSetting) -> None:
    pending = await _begun(setting)
    result = await pending.redeem(await setting.allow(pending.authorization_url))
    printed = [repr(pending), repr(result), str(result.credential)]
    await setting.end_sign_ins()
    error = await _refresh_error(setting, result)
    while error is not None:
        printed += [repr(error), str(error), getattr(error, "hint", "")]
        error = error.__cause__ or error.__context__
    for secret in setting.secrets:
        _hold(not any(secret in text for text in printed), "A token or code can be printed.")


CHECKS: tuple[Check, ...] = (
    probe_recognises_its_server,
    probe_leaves_others_alone,
    probe_says_when_nobody_answers,
    sign_in_ends_in_headers_that_the_server_accepts,
    sign_ins_do_not_resemble_each_other,
    denial_is_said,
    code_counts_once,
    refresh_brings_what_the_server_accepts,
    refresh_says_when_all_is_over,
    trouble_is_never_signed_out,
    revocation_ends_it_and_may_be_repeated,
    revocation_says_when_nobody_answers,
    nothing_prints_a_secret,
)


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ContractBroken(otherwise)


def _by_browser(setting: ProviderSetting) -> SignsInByBrowser:
    provider = setting.provider
    if not isinstance(provider, SignsInByBrowser):
        raise ContractBroken("The browser is offered, but redirection() or begin() is missing.")
    return provider


async def _begun(setting: ProviderSetting) -> PendingAuthorization:
    probe = await setting.provider.probe(setting.request.server_url)
    if probe is None:
        raise ContractBroken("probe() does not recognise a server of its own kind.")
    provider = _by_browser(setting)
    way = provider.redirection(probe.server.url, probe.redirect_methods[0])
    pending = await provider.begin(setting.request, way.uri.replace("{port}", "49152"))
    _hold(pending.tries >= 1, "A sign-in without a try cannot end well.")
    return pending


async def _signed_in(setting: ProviderSetting) -> SignInResult:
    pending = await _begun(setting)
    return await pending.redeem(await setting.allow(pending.authorization_url))


async def _accepted(setting: ProviderSetting, credential: Credential) -> bool:
    request = RequestToAuthorize("GET", setting.request.server_url)
    return await setting.accepts(setting.provider.headers(credential, request))


async def _error(doing: Awaitable[object]) -> BaseException | None:
    try:
        await doing
    except AccountManagerError as error:
        return error
    return None


async def _refresh_error(setting: ProviderSetting, result: SignInResult) -> BaseException | None:
    server: Server = result.server
    identity: Identity = result.identity
    return await _error(setting.provider.refresh(server, identity, result.credential))
