"""Servers that somebody has already described: an operator, the person, or this program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .credential import ClientRegistration


@dataclass(frozen=True, slots=True)
class PresetServer:
    """One entry of the catalogue.

    `url`: the server's address without a trailing slash. `provider`: the id of the kind of server
    (`oidc`). `scopes`: what to ask for instead of the provider's defaults. `redirect_uris`: by
    redirect method (`scheme`, `loopback`), where the operator has registered other ones than this
    program proposes; a loopback one may hold `{port}`. `resource`: the protected resource that
    tokens shall be for (RFC 8707). `dialect`: which of the kind's protocols to speak. `settings`:
    what the provider's own documentation names, as texts.
    """

    url: str
    name: str
    provider: str
    client: ClientRegistration | None = None
    scopes: tuple[str, ...] = ()
    redirect_uris: Mapping[str, str] | None = None
    resource: str | None = None
    dialect: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


Catalogue = Callable[[str], PresetServer | None]
"""Looks a server's address up; None where nobody has described it."""
