"""What stands at the address that the person typed, and the ways to sign in there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manager.desktop.plain_text import address, plain

from .form import read_form
from .problem import Problem


@dataclass(frozen=True, slots=True)
class Way:
    """One way to sign in. `form`: its id, for a way of typing."""

    method: str
    title: str
    go: str
    """What the button says that goes this way."""
    form: str = ""

    @property
    def key(self) -> str:
        return f"{self.method}:{self.form}" if self.form else self.method

    @property
    def icon(self) -> str:
        return {"browser": "browser", "device": "device"}.get(self.method, "key")


BROWSER = Way("browser", "In the browser", "Continue in the browser")
DEVICE = Way("device", "With a code on another device", "Get a code")


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing that could be an address yet."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The server is being asked."""


@dataclass(frozen=True, slots=True)
class Found:
    """`ways`: the best first; `needs`: what the person must supply; `redirects`: what an operator
    registers, by method; `kind`: what such servers are called."""

    provider: str
    name: str
    url: str
    ways: tuple[Way, ...] = (BROWSER,)
    redirect_methods: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    redirects: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def sentence(self) -> str:
        kind = "" if self.kind.casefold() == self.name.casefold() else self.kind
        only = self.ways[0].title.lower() if len(self.ways) == 1 else ""
        return " · ".join(part for part in (kind, address(self.url), only) if part)


@dataclass(frozen=True, slots=True)
class Refused:
    """No server that could be signed in to."""

    problem: Problem


Probe = NotAsked | Asking | Found | Refused


def found(answer: Mapping[str, Any]) -> Found:
    """From the answer of `servers.probe`, or a row of `servers.list`."""
    url = plain(answer.get("url"), 500)
    redirects = answer.get("redirect_uris") or {}
    return Found(
        provider=plain(answer.get("provider")),
        name=plain(answer.get("name")) or address(url),
        url=url,
        ways=_ways(answer),
        redirect_methods=_texts(answer.get("redirect_methods")),
        needs=_texts(answer.get("needs")),
        redirects={plain(way): plain(uri, 500) for way, uri in redirects.items()},
        kind=plain(answer.get("provider_name")),
    )


def _ways(answer: Mapping[str, Any]) -> tuple[Way, ...]:
    ways: list[Way] = []
    for method in _texts(answer.get("sign_in_methods")):
        if method == "browser":
            ways.append(BROWSER)
        elif method == "device":
            ways.append(DEVICE)
        elif method == "form":
            forms = [read_form(one) for one in answer.get("forms") or ()]
            ways += [Way("form", form.title, "Continue", form.id) for form in forms]
    return tuple(ways)


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(plain(value) for value in values or ())
