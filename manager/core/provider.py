"""The contract between the program and a kind of server. Plug-ins implement `Provider`.

What every provider has is `Provider`; at least one way to sign in comes with it: the browser
(here), a device code (`device_sign_in`) or a form (`sign_in_form`). What only some kinds of server
can do is in `provider_abilities`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from .account import Identity, Server
from .credential import ClientRegistration, Credential
from .sign_in_form import SignInForm


class SignInMethod(StrEnum):
    """How a person proves who they are."""

    BROWSER = "browser"
    DEVICE = "device"
    FORM = "form"


class RedirectMethod(StrEnum):
    """How the browser's answer comes back (RFC 8252 section 7)."""

    SCHEME = "scheme"
    LOOPBACK = "loopback"
    PASTE = "paste"


@dataclass(frozen=True, slots=True)
class ServerProbe:
    """What stands at an address. `needs`: what the person must supply, e.g. `client_id`.

    `redirect_uris`: what an operator has to register for this program, by redirect method.
    `forms`: one a kind of credential that can be typed or pasted. `dialect`: which of the kind's
    protocols the server speaks, where there are several. `sign_in_methods`: the best first.
    """

    provider: str
    server: Server
    sign_in_methods: tuple[SignInMethod, ...]
    redirect_methods: tuple[RedirectMethod, ...] = ()
    needs: tuple[str, ...] = ()
    redirect_uris: Mapping[str, str] | None = None
    forms: tuple[SignInForm, ...] = ()
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class SchemeRedirect:
    """Comes back through the operating system's handler of a URI scheme (RFC 8252 section 7.1)."""

    uri: str


@dataclass(frozen=True, slots=True)
class LoopbackRedirect:
    """Comes back to a port that is open only during the flow (RFC 8252 section 7.3).

    `port` 0: any free one. `uri` is a template with `{port}`. `dual_stack`: the URI says
    `localhost`, so 127.0.0.1 and ::1 are both taken, or neither. `last_port`: the first free one
    from `port` up to this, where a server knows several by name.
    """

    uri: str
    port: int = 0
    dual_stack: bool = False
    last_port: int | None = None


Redirection = SchemeRedirect | LoopbackRedirect


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What the person asked for. `login_hint`: who is expected, when signing in again. `dialect`:
    the one that the probe found or the person named."""

    server_url: str
    client: ClientRegistration | None = None
    scopes: tuple[str, ...] = ()
    login_hint: str | None = None
    select_account: bool = False
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class SignInResult:
    """A finished sign-in: where, who, with what. `capabilities`: `token` (there is an access token
    to hand out), `sign` (each request is signed), `headers` (neither: only `request.headers`).
    `roles`: what the person is at the server, in the server's own words.

    `retire_after`: seconds after which the credential that this one replaces is to be revoked at
    the server; None where that would end the new one with it (RFC 7009 section 2.1 lets a server
    revoke the whole grant).
    """

    server: Server
    identity: Identity
    credential: Credential
    scopes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ("token",)
    retire_after: float | None = None
    roles: tuple[str, ...] = ()


class PendingAuthorization(Protocol):
    """One authorization request on its way (RFC 6749 section 4.1.1), kept in memory only."""

    @property
    def authorization_url(self) -> str: ...

    @property
    def redirect_uri(self) -> str: ...

    @property
    def state(self) -> str | None:
        """Binds the answer to this request; None where the server has no such thing (Speckle)."""

    @property
    def tries(self) -> int:
        """How many refused codes leave the sign-in pending (1 where codes are bound by state)."""

    async def redeem(self, parameters: Mapping[str, str]) -> SignInResult:
        """Exchange the answer's parameters (each at most once, already matched to this request).

        Raises SignInDenied, InvalidRequest, ProviderError, ServerUnreachable.
        """


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new credential. `retire_after`: seconds after which the superseded one is to be revoked
    at the server (None: the server did so itself, or it must not be)."""

    credential: Credential
    retire_after: float | None = None


@dataclass(frozen=True, slots=True)
class RequestToAuthorize:
    """A request that a connector is about to send; `body_sha256` in hex."""

    method: str
    url: str
    body_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Avatar:
    media_type: str
    content: bytes


class Provider(Protocol):
    """A kind of server. One instance serves all accounts; it keeps no state of them."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    async def probe(self, url: str) -> ServerProbe | None:
        """What stands at `url`, None when it is not this kind. Raises ServerUnreachable."""

    async def refresh(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Refreshed:
        """Renew, sending the refresh token once; called only where `renewal_of(credential)` says
        that it renews by itself. Raises RefreshRefused (final), AnswerLost (sent, no answer),
        ServerUnreachable (not sent, or no verdict), RateLimited, ProviderError."""

    async def revoke(self, server: Server, credential: Credential) -> None:
        """End the credential at the server (RFC 7009: refresh token, then access token). Raises
        ServerUnreachable, RateLimited; ProviderError where the server has no way to do it."""

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        """The headers that authorize `request`."""

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        """The origins (`scheme://host[:port]`) that the credential's headers may be sent to."""


@runtime_checkable
class SignsInByBrowser(Protocol):
    """Authorization code through the person's own browser (RFC 8252)."""

    def redirection(self, server_url: str, method: RedirectMethod) -> Redirection:
        """Where the browser shall come back. Raises InvalidRequest where it cannot."""

    async def begin(self, request: SignInRequest, redirect_uri: str) -> PendingAuthorization:
        """Prepare an authorization request. Raises InvalidRequest, ServerUnreachable,
        ProviderError."""
