"""Where a sign-in stands, as values. Each step is a type of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.desktop.account import Account
from manager.desktop.gateway import GatewayError
from manager.desktop.plain_text import address, plain

_WAYS = {"browser": "browser", "device": "code on another device", "form": "form"}
_KINDS = {"oidc": "OpenID Connect", "oauth": "OAuth 2", "speckle": "Speckle"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence and what to do."""

    text: str
    hint: str = ""
    kind: str = ""


def problem(error: GatewayError) -> Problem:
    return Problem(error.message, error.hint, error.kind)


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    url: str

    @property
    def address(self) -> str:
        return address(self.url)


# What stands at the address ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing that could be an address yet."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The server is being asked."""


@dataclass(frozen=True, slots=True)
class Found:
    """`needs`: what the person must supply; `redirects`: what an operator registers, by method."""

    provider: str
    name: str
    url: str
    ways: tuple[str, ...] = ("browser",)
    redirect_methods: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    redirects: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        kind = _KINDS.get(self.provider, self.provider)
        ways = ", ".join(_WAYS[way] for way in self.ways if way in _WAYS)
        return " · ".join(part for part in (kind, address(self.url), ways) if part)


@dataclass(frozen=True, slots=True)
class Refused:
    """No server that could be signed in to."""

    problem: Problem


Probe = NotAsked | Asking | Found | Refused


def found(answer: Mapping[str, Any]) -> Found:
    """From the answer of `servers.probe`."""
    url = plain(answer.get("url"), 500)
    redirects = answer.get("redirect_uris") or {}
    return Found(
        provider=plain(answer.get("provider")),
        name=plain(answer.get("name")) or address(url),
        url=url,
        ways=_texts(answer.get("sign_in_methods")),
        redirect_methods=_texts(answer.get("redirect_methods")),
        needs=_texts(answer.get("needs")),
        redirects={plain(way): plain(uri, 500) for way, uri in redirects.items()},
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(plain(value) for value in values or ())


# The steps ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnterAddress:
    """Step 1. The client's secret is not in the repr."""

    text: str = ""
    probe: Probe = NotAsked()
    presets: tuple[Preset, ...] = ()
    more: bool = False
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: str = ""
    redirect: str = ""
    beginning: bool = False
    trouble: Problem | None = None

    @property
    def needs_client(self) -> bool:
        return isinstance(self.probe, Found) and "client_id" in self.probe.needs

    @property
    def ready(self) -> bool:
        """May the person go on?"""
        if self.beginning or not self.text.strip() or isinstance(self.probe, Refused):
            return False
        return not self.needs_client or bool(self.client_id.strip())

    @property
    def redirect_uri(self) -> str:
        """What the operator has to register for the way back that will be used."""
        if not isinstance(self.probe, Found):
            return ""
        methods = self.probe.redirect_methods
        method = self.redirect or (methods[0] if methods else "")
        return self.probe.redirects.get(method, "")


@dataclass(frozen=True, slots=True)
class Opening:
    """Signing in again: the way to the browser is being prepared."""

    server_name: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Step 2: the person is in the browser. `url` may hold a one-time value: never logged."""

    sign_in: str
    server_name: str
    server_url: str
    url: str = field(repr=False)
    expires_at: int
    redirect: str = ""
    scheme: str = ""
    """The URI scheme that the browser comes back by, empty where it comes back another way."""
    account: str | None = None
    browser_opened: bool = True
    checking: bool = False
    trouble: Problem | None = None

    @property
    def address(self) -> str:
        return address(self.server_url)

    def left(self, now: float) -> str:
        """`9:41`: how long the browser's answer is still waited for."""
        seconds = max(0, int(self.expires_at - now))
        return f"{seconds // 60}:{seconds % 60:02d}"


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Between: another program opens `scheme` now; the person decides. `params`: the sign-in as it
    was begun, to begin it another way."""

    waiting: Waiting
    program: str
    params: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """Step 3: who signed in, where."""

    account: Account
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """It did not work; what to do, and the way to try again."""

    trouble: Problem
    server_name: str
    server_url: str
    account: str | None = None


Step = EnterAddress | Opening | TakeOver | Waiting | Done | Ended


def waiting(message: Mapping[str, Any], account: str | None = None) -> Waiting:
    """From the answer of `sign_in.begin`, or a row of `sign_in.list`."""
    server = message.get("server") or {}
    url = plain(server.get("url"), 500)
    redirect = plain(message.get("redirect"))
    redirect_uri = str(message.get("redirect_uri") or "")
    return Waiting(
        sign_in=str(message["sign_in"]),
        server_name=plain(server.get("name")) or address(url),
        server_url=url,
        url=str(message.get("authorization_url") or ""),
        expires_at=int(message.get("expires_at") or 0),
        redirect=redirect,
        scheme=redirect_uri.split(":", 1)[0] if redirect == "scheme" else "",
        account=account,
    )
