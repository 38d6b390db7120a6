"""What a provider is tried in: a running server of its kind, a person, and bad days."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol, runtime_checkable

from manager.core.device_sign_in import PendingDevice
from manager.core.provider import Provider, SignInRequest
from manager.core.sign_in_form import SignInForm


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
    """A provider and a running server of its kind. The setting of a check is also one of those
    below: it knows how a person signs in."""

    @property
    def provider(self) -> Provider: ...

    @property
    def request(self) -> SignInRequest:
        """A sign-in at the server, with the client that it needs."""

    @property
    def foreign_url(self) -> str:
        """A web server that is not of this kind."""

    @property
    def resource_url(self) -> str:
        """What a program would GET there with the headers of an account."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every token and code that the server has issued so far, every password and key that the
        person has."""

    async def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether the server serves GET `resource_url` with these headers."""

    async def end_sign_ins(self) -> None:
        """The operator ends every sign-in: no token of any kind is accepted any more."""

    def trouble(self, trouble: Trouble) -> AbstractAsyncContextManager[None]: ...


@runtime_checkable
class BrowserSetting(ProviderSetting, Protocol):
    """A person who is quick with the browser."""

    async def allow(self, authorization_url: str) -> Mapping[str, str]:
        """Follow the URL and consent; the parameters that come back to the redirect URI."""

    async def deny(self, authorization_url: str) -> Mapping[str, str]:
        """Follow the URL and refuse."""


@runtime_checkable
class FormSetting(ProviderSetting, Protocol):
    """A person who types."""

    @property
    def form_id(self) -> str: ...

    def fill(self, form: SignInForm) -> Mapping[str, str]:
        """What the person types, by field name; also into the form of a second step."""

    def mistype(self, form: SignInForm) -> Mapping[str, str]:
        """The same with a wrong password or key, in the right shape."""


@runtime_checkable
class DeviceSetting(ProviderSetting, Protocol):
    """A person with another device."""

    async def confirm(self, pending: PendingDevice) -> None:
        """Enter the code there and allow."""

    async def refuse(self, pending: PendingDevice) -> None:
        """Enter the code there and deny."""
