"""Where an account of FoxNose works: the Management API, and its environment's own Flux API.

The Management API stands at api.foxnose.net for everybody, each environment's Flux API at
https://<environment>.fxns.io. Anywhere else a preset's `settings`, or the person, say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from manager.core.catalogue import PresetServer
from manager.core.credential import ApiKey, Credential, SessionToken, SigningKey
from manager.core.errors import InvalidRequest
from manager.core.server_address import canonical, origin

MANAGEMENT_URL = "https://api.foxnose.net"
REFRESH_PATH = "/account/auth/refresh/"
"""The neighbour of the documented `/account/auth/`. FoxNose's documents name none, so it is shown
to the person, who may change it, and a 404 there never counts as signed out."""
_FLUX_DOMAIN = ".fxns.io"
_FLUX_HOST = re.compile(r"[a-z0-9_-]{1,63}\.fxns\.io")
_ENVIRONMENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PREFIX = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_PATH = re.compile(r"/[A-Za-z0-9._~/-]{1,200}")

FLUX, MANAGEMENT = "flux", "management"


@dataclass(frozen=True, slots=True)
class Place:
    """`environment`, `flux_url`, `api_prefix`: empty where not known. `api`: what a key is for."""

    management_url: str = MANAGEMENT_URL
    environment: str = ""
    flux_url: str = ""
    api_prefix: str = ""
    api: str = FLUX

    @property
    def origins(self) -> tuple[str, ...]:
        found = [origin(self.management_url)]
        if self.flux_url:
            found.append(origin(self.flux_url))
        return tuple(dict.fromkeys(found))

    def settings(self) -> tuple[tuple[str, str], ...]:
        """What a credential keeps of it."""
        named = {
            "management_url": self.management_url,
            "environment": self.environment,
            "flux_url": self.flux_url,
            "api_prefix": self.api_prefix,
            "api": self.api,
        }
        return tuple((name, value) for name, value in named.items() if value)


def place_of(credential: Credential, server_url: str) -> Place:
    """Where a stored credential works."""
    if not isinstance(credential, ApiKey | SessionToken | SigningKey):
        return Place(management_url=origin(server_url))
    kept = dict(credential.settings)
    return Place(
        kept.get("management_url") or management_of(server_url),
        kept.get("environment", ""),
        kept.get("flux_url", ""),
        kept.get("api_prefix", ""),
        kept.get("api", FLUX),
    )


def is_flux_address(url: str) -> bool:
    return _FLUX_HOST.fullmatch(urlsplit(url).hostname or "") is not None


def is_known(url: str) -> bool:
    """One of FoxNose's own addresses, which need not be asked."""
    return origin(url) == MANAGEMENT_URL or is_flux_address(url)


def management_of(server_url: str) -> str:
    return MANAGEMENT_URL if is_flux_address(server_url) else origin(server_url)


def environment_in(url: str) -> str:
    """The environment that a Flux address names, empty for any other."""
    return (urlsplit(url).hostname or "").removesuffix(_FLUX_DOMAIN) if is_flux_address(url) else ""


def place_from(server_url: str, preset: PresetServer | None, typed: Mapping[str, str]) -> Place:
    """From what was typed, else from the preset's settings, else by FoxNose's own naming. Raises
    InvalidRequest for what cannot be an environment, a prefix or an address."""
    given = dict(preset.settings) if preset is not None else {}
    given.update({name: value for name, value in typed.items() if value})
    environment = given.get("environment", "") or environment_in(server_url)
    if environment and not _ENVIRONMENT.fullmatch(environment):
        raise InvalidRequest(
            "This is not the key of an environment.", hint="It is the short name in its address."
        )
    prefix = given.get("api_prefix", "").strip("/")
    if prefix and not is_prefix(prefix):
        raise InvalidRequest("This is not the prefix of an API.")
    flux_url = given.get("flux_url", "").replace("{environment}", environment)
    if not flux_url and is_flux_address(server_url):
        flux_url = server_url
    management_url = management_of(server_url)
    if not flux_url and environment and management_url == MANAGEMENT_URL:
        flux_url = f"https://{environment}{_FLUX_DOMAIN}"
    return Place(
        management_url,
        environment,
        origin(canonical(flux_url)) if flux_url else "",
        prefix,
        MANAGEMENT if typed.get("api") == MANAGEMENT else FLUX,
    )


def is_prefix(text: str) -> bool:
    """Whether it can be the prefix of an API."""
    return _PREFIX.fullmatch(text) is not None and text not in (".", "..")


def refresh_endpoint(management_url: str, path: str) -> str:
    """Raises InvalidRequest for anything but a path of the Management API."""
    if not _PATH.fullmatch(path) or "//" in path:
        raise InvalidRequest("The refresh path is no path.", hint=f"It looks like {REFRESH_PATH}.")
    return origin(management_url) + path
