"""Where a sign-in stands, as values. Each step is a type of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from manager.desktop.account import Account
from manager.desktop.plain_text import address

from .catalogue import Kind, Preset
from .form import Form
from .probe import BROWSER, Found, NotAsked, Probe, Refused, Way
from .problem import Problem

# Step 1 ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnterAddress:
    """Step 1. `way`: the key of the way that the person chose, empty for the best; `kind`: that of
    the kind of server that they named, empty where it is found out; `account`: who is to be signed
    in again. The client's secret is not in the repr."""

    text: str = ""
    probe: Probe = field(default_factory=NotAsked)
    presets: tuple[Preset, ...] = ()
    kinds: tuple[Kind, ...] = ()
    kind: str = ""
    way: str = ""
    more: bool = False
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: str = ""
    redirect: str = ""
    account: str | None = None
    beginning: bool = False
    trouble: Problem | None = None

    @property
    def ways(self) -> tuple[Way, ...]:
        return self.probe.ways if isinstance(self.probe, Found) else ()

    @property
    def named_kind(self) -> Kind | None:
        return next((one for one in self.kinds if one.key == self.kind), None)

    @property
    def chosen_way(self) -> Way:
        """How it goes on: as the person chose, where this server has that."""
        best = self.ways[0] if self.ways else BROWSER
        return next((one for one in self.ways if one.key == self.way), best)

    @property
    def go(self) -> str:
        """What the button says that goes on."""
        if self.beginning:
            return "One moment…"
        return self.chosen_way.go if self.ways else "Continue"

    @property
    def needs_client(self) -> bool:
        """Programs are registered for the ways that end in a token of the server's."""
        asked = isinstance(self.probe, Found) and "client_id" in self.probe.needs
        return asked and self.chosen_way.method != "form"

    @property
    def ready(self) -> bool:
        """May the person go on?"""
        if self.beginning or not self.text.strip() or isinstance(self.probe, Refused):
            return False
        if isinstance(self.probe, Found) and not self.ways:
            return False
        return not self.needs_client or bool(self.client_id.strip())

    @property
    def redirect_uri(self) -> str:
        """What the operator has to register for the way back that will be used."""
        if not isinstance(self.probe, Found) or self.chosen_way.method != "browser":
            return ""
        methods = self.probe.redirect_methods
        method = self.redirect or (methods[0] if methods else "")
        return self.probe.redirects.get(method, "")


@dataclass(frozen=True, slots=True)
class Opening:
    """Signing in again: the server is being asked for it."""

    server_name: str


# Step 2, one a way to sign in --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """The person is in the browser. `url` may hold a one-time value: never logged."""

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
    icon = "browser"

    @property
    def address(self) -> str:
        return address(self.server_url)

    def left(self, now: float) -> str:
        """`9:41`: how long the browser's answer is still waited for."""
        return _clock(self.expires_at - now)


@dataclass(frozen=True, slots=True)
class EnterCode:
    """The person types `user_code` on another device (RFC 8628 section 3.3). Whoever sees the code
    could finish the sign-in as themselves, so neither it nor `complete` is in the repr."""

    sign_in: str
    server_name: str
    server_url: str
    user_code: str = field(repr=False)
    verification_uri: str
    expires_at: int
    complete: str = field(default="", repr=False)
    """The same address with the code in it, empty where the server has none."""
    account: str | None = None
    trouble: Problem | None = None
    icon = "device"

    @property
    def address(self) -> str:
        return address(self.verification_uri)

    @property
    def scanned(self) -> str:
        """What the picture for a camera holds."""
        return self.complete or self.verification_uri

    def left(self, now: float) -> str:
        return _clock(self.expires_at - now)


@dataclass(frozen=True, slots=True)
class FillIn:
    """The person types or pastes. `texts` and `secrets` are what stands in the fields, by name;
    `wrong`: a sentence for a field. `pages`: how many forms were answered before this one."""

    sign_in: str
    server_name: str
    server_url: str
    form: Form
    expires_at: int
    account: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    wrong: Mapping[str, str] = field(default_factory=dict)
    trouble: Problem | None = None
    busy: bool = False
    pages: int = 0
    icon = "key"

    @property
    def address(self) -> str:
        return address(self.server_url)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in all fields: defaults, what was typed, secrets."""
        defaults = {one.name: one.default for one in self.form.fields if one.default}
        return {**defaults, **self.texts, **self.secrets}

    def with_text(self, name: str, text: str) -> FillIn:
        """The same with another text in a field, which is no longer called wrong."""
        known = self.form.field(name)
        if known is None:
            return self
        wrong = {key: said for key, said in self.wrong.items() if key != name}
        if known.is_secret:
            return replace(self, secrets={**self.secrets, name: text}, wrong=wrong)
        return replace(self, texts={**self.texts, name: text}, wrong=wrong)

    def without_secrets(self) -> FillIn:
        return replace(self, secrets={}) if self.secrets else self


Pending = Waiting | EnterCode | FillIn
"""A sign-in that waits for the person; several may at once."""


def _clock(seconds: float) -> str:
    left = max(0, int(seconds))
    return f"{left // 60}:{left % 60:02d}"


# Between, and the end ----------------------------------------------------------------------------


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

    @property
    def welcome(self) -> str:
        """Nobody welcomes a key."""
        account = self.account
        return f"{account.what} added" if account.is_key else f"Welcome, {account.name}"


@dataclass(frozen=True, slots=True)
class Ended:
    """It did not work; what to do, and the way to try again."""

    trouble: Problem
    server_name: str
    server_url: str
    account: str | None = None


Step = EnterAddress | Opening | TakeOver | Waiting | EnterCode | FillIn | Done | Ended
