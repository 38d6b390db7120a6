"""A kind of server that takes passwords, keys and device codes; its answers are the test's."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.core.account import Identity, Server
from manager.core.credential import ApiKey, Credential, SessionToken
from manager.core.errors import CredentialsRefused
from manager.core.moment import Moment, Validity
from manager.core.provider import (
    Refreshed,
    RequestToAuthorize,
    ServerProbe,
    SignInMethod,
    SignInRequest,
    SignInResult,
)
from manager.core.provider_abilities import StillSignedIn, Verification
from manager.core.secret import Secret
from manager.core.server_address import origin
from manager.core.sign_in_form import FieldKind, FormField, SignInForm

URL = "https://typing.example"
PASSWORD = SignInForm(
    "password",
    "Password",
    (FormField("name", "User name"), FormField("password", "Password", FieldKind.SECRET)),
)
CODE = SignInForm("code", "Second factor", (FormField("code", "Code"),))
KEY = SignInForm("api_key", "API key", (FormField("key", "Key", FieldKind.SECRET),))


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def result(
    name: str, credential: Credential, *, key: str = "", server: Server | None = None
) -> SignInResult:
    return SignInResult(
        server or Server(URL, "Typing"),
        Identity(f"id-{name}", f"{name}@typing.example", name.title(), key=key),
        credential,
        scopes=("read",),
        roles=("editor",),
    )


@dataclass
class TypingProvider:
    """`trouble`: raised by the next calls, in order. `release`: submissions wait for it.
    `device`: what each poll brings. `verdict`: of `verify`."""

    moment: Moment
    id: str = "typing"
    name: str = "Typing servers"
    dialects: tuple[str, ...] = ("old", "new")
    trouble: list[Exception] = field(default_factory=list)
    release: asyncio.Event | None = None
    device: list[SignInResult | Exception | None] = field(default_factory=list)
    interval: float = 0.01
    lifetime: float = 300.0
    verdict: Verification | Exception | None = None
    verified: int = 0
    refreshed: int = 0
    revoked: list[Credential] = field(default_factory=list)
    requests: list[SignInRequest] = field(default_factory=list)
    submitted: int = 0

    async def probe(self, url: str) -> ServerProbe | None:
        return await self.probe_dialect(url, "new") if url.startswith(URL) else None

    async def probe_dialect(self, url: str, dialect: str) -> ServerProbe | None:
        methods = (SignInMethod.FORM, SignInMethod.DEVICE)
        return ServerProbe(
            self.id, Server(url, "Typing"), methods, forms=(PASSWORD, KEY), dialect=dialect
        )

    async def begin_form(self, request: SignInRequest, form_id: str) -> Waiting:
        self.requests.append(request)
        return Waiting(self, {form.id: form for form in (PASSWORD, KEY)}[form_id])

    async def begin_device(self, request: SignInRequest) -> Device:
        self.requests.append(request)
        return Device(self)

    async def refresh(self, server: Server, identity: Identity, credential: Any) -> Refreshed:
        self.refreshed += 1
        self._raise_trouble()
        return Refreshed(self.session(f"renewed-{self.refreshed}"))

    async def revoke(self, server: Server, credential: Credential) -> None:
        self.revoked.append(credential)

    async def verify(
        self, server: Server, identity: Identity, credential: Credential
    ) -> Verification:
        self.verified += 1
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict or StillSignedIn(server)

    def headers(self, credential: Credential, request: RequestToAuthorize) -> Mapping[str, str]:
        match credential:
            case ApiKey():
                return {credential.header: credential.prefix + credential.key.reveal()}
            case SessionToken(token=None):
                return {"Cookie": "; ".join(f"{n}={v.reveal()}" for n, v in credential.cookies)}
            case SessionToken(token=Secret() as token):
                return {"Authorization": f"Bearer {token.reveal()}"}
        return {"X-Signature": f"signed {request.method} {request.body_sha256}"}

    def origins(self, server: Server, credential: Credential) -> tuple[str, ...]:
        return (origin(server.url),)

    def session(self, token: str = "session", *, renews: bool = True) -> SessionToken:
        return SessionToken(
            Secret(token),
            validity=Validity(self.moment, 3600.0),
            renewal_endpoint=f"{URL}/renew" if renews else None,
            scopes=("read",),
        )

    def _raise_trouble(self) -> None:
        if self.trouble:
            raise self.trouble.pop(0)


class Waiting:
    def __init__(self, provider: TypingProvider, form: SignInForm) -> None:
        self._provider = provider
        self._name = ""
        self.form = form

    async def submit(self, values: Mapping[str, Secret]) -> SignInResult | SignInForm:
        provider = self._provider
        provider.submitted += 1
        if provider.release is not None:
            await provider.release.wait()
        provider._raise_trouble()
        if self.form is KEY:
            key = values["key"].reveal()
            name = key.partition("-")[0]
            return result(name, ApiKey(Secret(key), header="X-Key", prefix=""), key=digest(key))
        if self.form is CODE:
            if values["code"].reveal() != "000":
                raise CredentialsRefused("This is not the code.")
            return result(self._name, provider.session())
        self._name = values["name"].reveal()
        if values["password"].reveal() != "right":
            raise CredentialsRefused("Name and password do not fit.")
        if self._name == "carol":
            self.form = CODE
            return CODE
        return result(self._name, provider.session())


class Device:
    user_code = "WDJB-MJHT"
    verification_uri = f"{URL}/device"
    verification_uri_complete = f"{URL}/device?user_code=WDJB-MJHT"

    def __init__(self, provider: TypingProvider) -> None:
        self._provider = provider

    @property
    def expires_in(self) -> float:
        return self._provider.lifetime

    @property
    def interval(self) -> float:
        return self._provider.interval

    async def poll(self) -> SignInResult | None:
        answer = self._provider.device.pop(0) if self._provider.device else None
        if isinstance(answer, Exception):
            raise answer
        return answer
