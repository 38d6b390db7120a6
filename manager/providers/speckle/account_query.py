"""Who signed in, and what the server calls itself (speckle-sharp-sdk AccountFactory.cs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from manager.core.account import Identity
from manager.oauth.server_text import shown
from manager.providers.avatar import avatar_link

PROBE = """query Probe {
  sdm: app(id: "sdm") { id redirectUrl }
  sca: app(id: "sca") { id redirectUrl }
  serverInfo { name }
}"""

ACCOUNT = """query Account($app: String!) {
  activeUser { id name email company avatar }
  serverInfo { name company version }
  app(id: $app) { scopes { name } }
}"""

VERIFY = """query Verify($app: String!) {
  activeUser { id name email company avatar }
  serverInfo { name company version migration { movedFrom movedTo } }
  app(id: $app) { scopes { name } }
}"""

# A refused alias is null on its own; what it lacks says which scopes the token has.
PASTED = """query Pasted {
  activeUser { id name email company avatar }
  tokens: activeUser { apiTokens { id scopes createdAt lifespan } }
  apps: activeUser { authorizedApps { id } }
  serverInfo { name company version migration { movedFrom movedTo } }
}"""

WHO = "query Who { activeUser { id } }"

AVATAR = "query Avatar { activeUser { avatar } }"


def identity(data: Mapping[str, Any]) -> Identity | None:
    """None where the answer names nobody. `email` is null without the scope profile:email."""
    user = data.get("activeUser")
    if not isinstance(user, dict):
        return None
    subject = user.get("id")
    if not isinstance(subject, str) or not subject:
        return None
    name, email = shown(user.get("name")), shown(user.get("email"))
    return Identity(
        subject=subject,
        label=email or name or "Speckle user",
        display_name=name or email or "Speckle user",
        avatar_url=avatar_link(user.get("avatar")),
    )


def server_name(data: Mapping[str, Any], origin: str) -> str:
    """The server's own name, its host where it has none."""
    info = data.get("serverInfo")
    name = shown(info.get("name")) if isinstance(info, dict) else ""
    return name or urlsplit(origin).hostname or origin


def moved_to(data: Mapping[str, Any]) -> str | None:
    """Where the operator says that the server is now (`serverInfo.migration`)."""
    info = data.get("serverInfo")
    migration = info.get("migration") if isinstance(info, dict) else None
    address = migration.get("movedTo") if isinstance(migration, dict) else None
    return address if isinstance(address, str) and address else None


def scopes(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The app's scopes: a token of Speckle carries all of them, a person cannot leave one out."""
    app = data.get("app")
    listed = app.get("scopes") if isinstance(app, dict) else None
    names = [each.get("name") for each in listed or () if isinstance(each, dict)]
    return tuple(name for name in names if isinstance(name, str))
