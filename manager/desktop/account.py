"""An account as the window shows it: read once from the agent's message, cleaned, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zlib import crc32

from .plain_text import address, initials, plain


class State(Enum):
    """What the person needs to know at a glance."""

    SIGNED_IN = "signed in"
    ATTENTION = "needs sign-in"
    AWAY = "server away"


@dataclass(frozen=True, slots=True)
class Account:
    """`expires_at`: unix seconds of the access token, None when the server did not say. `is_key`:
    one of the person's keys, beside which their sign-in may be an account too."""

    id: str
    provider: str
    server_url: str
    server_name: str
    identity: str
    name: str
    state: State
    reason: str = ""
    is_default: bool = False
    is_server_default: bool = False
    has_avatar: bool = False
    scopes: tuple[str, ...] = ()
    expires_at: int | None = None
    renews: bool = True
    roles: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ("token",)
    is_key: bool = False
    moved_from: str = ""

    @property
    def what(self) -> str:
        """What it is, where it is not the sign-in of a person."""
        if not self.is_key:
            return ""
        return "Signing key" if "sign" in self.capabilities else "Key"

    @property
    def known_as(self) -> str:
        """Who, and what of theirs: tells the keys of one person from their sign-in."""
        return f"{self.what} · {self.identity}" if self.is_key else self.identity

    @property
    def address(self) -> str:
        return address(self.server_url)

    @property
    def initials(self) -> str:
        return initials(self.name, self.identity)

    @property
    def tint(self) -> int:
        """Which of the avatar colours: the same for the same person, whatever Python's hash."""
        return crc32((self.identity or self.name).encode())

    def matches(self, query: str) -> bool:
        """Does every word of `query` stand somewhere in what is shown of this account?"""
        shown = f"{self.name} {self.known_as} {self.server_name} {self.address}".casefold()
        return all(word in shown for word in query.casefold().split())


def read_account(message: Mapping[str, Any]) -> Account:
    """From the protocol's account object. Raises KeyError when it has no id."""
    server = message.get("server") or {}
    url = plain(server.get("url"), 500)
    identity = plain(message.get("identity"))
    expires_at = message.get("expires_at")
    return Account(
        id=str(message["id"]),
        provider=plain(message.get("provider")),
        server_url=url,
        server_name=plain(server.get("name")) or address(url),
        identity=identity,
        name=plain(message.get("display_name")) or identity,
        state=_state(message),
        reason=plain(message.get("reason")),
        is_default=message.get("is_default") is True,
        is_server_default=message.get("is_server_default") is True,
        has_avatar=message.get("has_avatar") is True,
        scopes=_texts(message.get("scopes")),
        expires_at=expires_at if isinstance(expires_at, int) else None,
        renews=message.get("renews") is not False,
        roles=_texts(message.get("roles")),
        capabilities=_texts(message.get("capabilities")),
        is_key=message.get("is_key") is True,
        moved_from=plain(server.get("moved_from"), 500),
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(plain(value) for value in values or ())


def _state(message: Mapping[str, Any]) -> State:
    if message.get("state") != "signed_in":
        return State.ATTENTION
    return State.AWAY if message.get("last_attempt") == "unreachable" else State.SIGNED_IN


@dataclass(frozen=True, slots=True)
class Group:
    """The accounts of one server, under its name."""

    heading: str
    url: str
    accounts: tuple[Account, ...]


def grouped(accounts: tuple[Account, ...]) -> tuple[Group, ...]:
    """By server, both in the order of their names; two servers of one name show their address."""
    by_server: dict[str, list[Account]] = {}
    for account in accounts:
        by_server.setdefault(account.server_url, []).append(account)
    names = [members[0].server_name.casefold() for members in by_server.values()]
    groups = []
    for url, members in by_server.items():
        name = members[0].server_name
        heading = name if names.count(name.casefold()) == 1 else f"{name} · {members[0].address}"
        ordered = sorted(members, key=lambda one: (one.name.casefold(), one.identity, one.id))
        groups.append(Group(heading, url, tuple(ordered)))
    return tuple(sorted(groups, key=lambda group: (group.heading.casefold(), group.url)))
