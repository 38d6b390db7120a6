"""What each of the three protocols has to be able to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from manager.core.account import Identity
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import ProviderError
from manager.core.form_sign_in import PendingForm
from manager.core.provider import Refreshed, SignInRequest, SignInResult
from manager.core.provider_abilities import (
    CreatedCredential,
    CredentialKind,
    ServerCredential,
    Verification,
)
from manager.core.secret import Secret
from manager.core.sign_in_form import SignInForm

from .magnet_server import MagnetServer

Typed = Mapping[str, Secret]


class Dialect(Protocol):
    """Stateless; `at` is the server that is meant. Errors are those of `core.provider`."""

    @property
    def id(self) -> str: ...

    @property
    def forms(self) -> tuple[SignInForm, ...]: ...

    async def recognise(self, at: MagnetServer) -> tuple[SignInForm, ...] | None:
        """The forms that this server takes; None when it does not speak this dialect."""

    def begin(self, at: MagnetServer, request: SignInRequest, form: SignInForm) -> PendingForm: ...

    async def refresh(self, at: MagnetServer, credential: Credential) -> Refreshed: ...

    async def revoke(self, at: MagnetServer, credential: Credential) -> None: ...

    async def verify(
        self, at: MagnetServer, identity: Identity, credential: Credential
    ) -> Verification: ...

    def headers(self, credential: Credential) -> Mapping[str, str]: ...

    async def take_token(self, at: MagnetServer, token: Secret) -> SignInResult: ...

    async def take_key(self, at: MagnetServer, key: Secret) -> SignInResult: ...

    def kinds(self, credential: Credential) -> tuple[CredentialKind, ...]: ...

    async def listed(
        self, at: MagnetServer, credential: Credential, kind: str
    ) -> Sequence[ServerCredential]: ...

    async def create(
        self, at: MagnetServer, credential: Credential, kind: str, values: Typed
    ) -> CreatedCredential: ...

    async def end(
        self, at: MagnetServer, credential: Credential, kind: str, credential_id: str
    ) -> None: ...


class OneStep:
    """A form that signs in when it is filled in."""

    def __init__(
        self, form: SignInForm, sign_in: Callable[[Typed], Awaitable[SignInResult]]
    ) -> None:
        self.form = form
        self._sign_in = sign_in

    async def submit(self, values: Typed) -> SignInResult | SignInForm:
        return await self._sign_in(values)


def text_of(typed: Typed, name: str) -> str:
    """What was typed into a field that is no secret; empty where nothing was."""
    return typed[name].reveal() if name in typed else ""


def session_of(credential: Credential) -> SessionToken:
    if not isinstance(credential, SessionToken):
        raise _another()
    return credential


def key_of(credential: Credential) -> ApiKey:
    if not isinstance(credential, ApiKey):
        raise _another()
    return credential


def _another() -> ProviderError:
    return ProviderError("This account does not hold a sign-in of this kind of Magnet AI.")
