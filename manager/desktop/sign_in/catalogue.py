"""What the first step offers before anything is typed: known servers, and kinds of server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manager.desktop.gateway import Gateway, GatewayError
from manager.desktop.plain_text import address, plain

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Preset:
    name: str
    url: str

    @property
    def address(self) -> str:
        return address(self.url)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server, or one of its dialects, for servers that cannot be recognised."""

    provider: str
    name: str
    dialect: str = ""

    @property
    def key(self) -> str:
        return f"{self.provider}/{self.dialect}"

    @property
    def params(self) -> dict[str, object]:
        """Of `servers.probe`."""
        dialect: dict[str, object] = {"dialect": self.dialect} if self.dialect else {}
        return {"provider": self.provider, **dialect}


async def presets(gateway: Gateway, recent: tuple[Preset, ...]) -> tuple[Preset, ...]:
    """The person's own servers, then those of the agent's catalogue."""
    known = {preset.url.rstrip("/") for preset in recent}
    listed = [
        Preset(plain(one.get("name")) or address(url), url)
        for one in await _objects(gateway, "servers.list", "servers")
        if (url := plain(one.get("url"), 500))
    ]
    more = (one for one in listed if one.url.rstrip("/") not in known)
    return (*recent, *more)[:_SHOWN]


async def kinds(gateway: Gateway) -> tuple[Kind, ...]:
    """By name; a kind with several dialects is followed by each of them."""
    made: list[Kind] = []
    for one in await _objects(gateway, "providers.list", "providers"):
        provider, name = str(one.get("id") or ""), plain(one.get("name"))
        dialects = [plain(dialect) for dialect in one.get("dialects") or ()]
        made.append(Kind(provider, name or provider))
        if len(dialects) > 1:
            made += [Kind(provider, f"{name}, {dialect}", dialect) for dialect in dialects]
    return tuple(sorted(made, key=lambda kind: kind.name.casefold()))


async def _objects(gateway: Gateway, method: str, name: str) -> list[Mapping[str, Any]]:
    """Nothing where the agent did not say: the first step works without."""
    try:
        return list((await gateway.call(method)).get(name, ()))
    except GatewayError:
        return []
