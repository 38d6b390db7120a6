"""What an authorization server has issued: codes, access tokens, and refresh tokens in families."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class AuthorizationCode:
    """A code and what it is bound to (RFC 6749 section 4.1.2, RFC 7636 section 4.4)."""

    code: str = field(repr=False)
    client_id: str
    redirect_uri: str
    login: str
    scopes: tuple[str, ...]
    nonce: str | None
    challenge: str
    challenge_method: str
    expires_at: float
    auth_time: float
    family: int = 0
    """The family that its use began; 0 while it is unused."""


@dataclass(slots=True)
class IssuedToken:
    """An access or refresh token. All that descend from one sign-in share a `family`."""

    value: str = field(repr=False)
    kind: str
    client_id: str
    login: str
    scopes: tuple[str, ...]
    family: int
    issued_at: float
    expires_at: float | None
    revoked: bool = False
    retired_at: float | None = None
    """When a rotation replaced it (refresh tokens only)."""
    successor: tuple[str, str] = field(default=("", ""), repr=False)
    """The access and refresh token that replaced it."""


class TokenStore:
    """Tokens by value; nothing is ever forgotten, so that tests can look at all of them."""

    def __init__(self) -> None:
        self.codes: dict[str, AuthorizationCode] = {}
        self.issued: dict[str, IssuedToken] = {}
        self._families = itertools.count(1)

    def new_family(self) -> int:
        return next(self._families)

    def find(self, value: str | None, kind: str = "") -> IssuedToken | None:
        token = self.issued.get(value or "")
        return token if token and kind in ("", token.kind) else None

    def live(self, kind: str, now: float) -> Iterator[IssuedToken]:
        """The tokens of one kind, "access" or "refresh", that would be accepted."""
        return (each for each in self.issued.values() if each.kind == kind and usable(each, now))

    def family(self, number: int) -> Iterator[IssuedToken]:
        return (each for each in self.issued.values() if each.family == number)

    def revoke_family(self, number: int) -> None:
        for token in self.family(number):
            token.revoked = True

    def revoke(self, value: str) -> None:
        """RFC 7009 section 2.1: with a refresh token goes everything of its sign-in."""
        token = self.issued.get(value)
        if token is None:
            return
        if token.kind == "refresh":
            self.revoke_family(token.family)
        token.revoked = True


def usable(token: IssuedToken, now: float) -> bool:
    if token.revoked or token.retired_at is not None:
        return False
    return token.expires_at is None or now < token.expires_at
