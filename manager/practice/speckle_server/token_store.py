"""Speckle's codes and tokens with their real semantics (serverApps.ts), warts included.

The real server's exchange of a code is not atomic; this one's is, since it answers one request at a
time. A client can only see the difference by racing itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from .applications import Application

CODE_LIFETIME = 600.0
PLAIN, S256 = "plain", "S256"


class Refused(Exception):
    """The server says no; the text is what it says."""


@dataclass(frozen=True, slots=True)
class AccessCode:
    code: str = field(repr=False)
    app_id: str
    login: str
    challenge: str
    method: str
    created_at: float


@dataclass(frozen=True, slots=True)
class SpeckleToken:
    """An access or refresh token: `id` is its first 10 characters, `secret` the other 32."""

    id: str
    secret: str = field(repr=False)
    app_id: str
    login: str
    scopes: tuple[str, ...]
    created_at: float
    partner: str = ""
    """The id of the access token that a refresh token came with."""
    name: str = ""
    """What the person called it: it is a personal access token then, of no app."""
    lifespan: float | None = None
    """Seconds; None: what the server gives to every token."""

    @property
    def is_personal(self) -> bool:
        return not self.app_id

    @property
    def value(self) -> str:
        return self.id + self.secret


class SpeckleTokenStore:
    """What the server has issued; `retired` holds refresh tokens that a rotation replaced."""

    def __init__(self) -> None:
        self.codes: dict[str, AccessCode] = {}
        self.access: dict[str, SpeckleToken] = {}
        self.refresh: dict[str, SpeckleToken] = {}
        self.retired: set[str] = set()
        self.last_used: dict[str, float] = {}

    def new_code(
        self, app: Application, login: str, challenge: str, method: str, now: float
    ) -> str:
        code = secrets.token_hex(21)
        self.codes[code] = AccessCode(code, app.id, login, challenge, method, now)
        return code

    def exchange(
        self, code: str, app: Application | None, app_id: str, challenge: str, now: float
    ) -> AccessCode:
        """Use up a code. Raises Refused; the order decides whether the code survives."""
        found = self.codes.get(code)
        if found is None:
            raise Refused("Access code not found.")
        if found.app_id != app_id or app is None:
            raise Refused("Invalid request: application id does not match.")
        del self.codes[code]
        if now - found.created_at > CODE_LIFETIME:
            raise Refused("Access code expired")
        if not _answers(challenge, found):
            raise Refused(
                "Code challenge mismatch. Ensure the same challenge is used for authentication"
                " and token exchange."
            )
        return found

    def issue(self, app: Application, login: str, now: float) -> dict[str, str]:
        """A new pair, as `/auth/token` answers it."""
        access = _new(app, login, now)
        refresh = _new(app, login, now, partner=access.id)
        self.access[access.id] = access
        self.refresh[refresh.id] = refresh
        return {"token": access.value, "refreshToken": refresh.value}

    def use_refresh(
        self, value: str, app: Application | None, now: float, life: float
    ) -> SpeckleToken:
        """The refresh token of that value, if this app may use it. Raises Refused."""
        found = self.refresh.get(value[:10])
        if found is None or app is None or found.app_id != app.id:
            raise Refused("Invalid request")
        if now - found.created_at > life:
            del self.refresh[found.id]
            raise Refused("Refresh token expired")
        if not hmac.compare_digest(found.secret, value[10:42]):
            raise Refused("Invalid token")
        return found

    def retire(self, used: SpeckleToken) -> None:
        """Rotation, which today's server does not do: the old pair ends."""
        self.refresh.pop(used.id, None)
        self.access.pop(used.partner, None)
        self.retired.add(used.id)

    def valid(self, value: str, now: float, life: float) -> SpeckleToken | None:
        """The access token of that value; an expired one is deleted as it is looked at."""
        found = self.access.get(value[:10])
        if found is None or not hmac.compare_digest(found.secret, value[10:42]):
            return None
        if now - found.created_at > (life if found.lifespan is None else found.lifespan):
            del self.access[found.id]
            return None
        self.last_used[found.id] = now
        return found

    def issue_personal(
        self, login: str, name: str, scopes: tuple[str, ...], lifespan: float | None, now: float
    ) -> SpeckleToken:
        """`apiTokenCreate`, without its checks."""
        made = SpeckleToken(
            secrets.token_hex(5), secrets.token_hex(16), "", login, scopes, now,
            name=name, lifespan=lifespan,
        )  # fmt: skip
        self.access[made.id] = made
        return made

    def personal(self, login: str) -> list[SpeckleToken]:
        return [each for each in self.access.values() if each.is_personal and each.login == login]

    def revoke(self, token: str, login: str) -> bool:
        """`apiTokenRevoke`: any token of the person by its first ten characters."""
        found = self.access.get(token[:10])
        if found is None or found.login != login:
            return False
        del self.access[found.id]
        return True

    def authorized(self, login: str) -> set[str]:
        """The apps that hold a token of this person."""
        held = (*self.access.values(), *self.refresh.values())
        return {each.app_id for each in held if each.login == login and each.app_id}

    def revoke_app(self, app_id: str, login: str) -> bool:
        """`appRevokeAccess`: codes and tokens of one person's app on every machine."""
        gone = 0
        tables: tuple[dict[str, Any], ...] = (self.codes, self.access, self.refresh)
        for table in tables:
            for key, each in tuple(table.items()):
                if (each.app_id, each.login) == (app_id, login):
                    del table[key]
                    gone += 1
        return gone > 0


def _new(app: Application, login: str, now: float, partner: str = "") -> SpeckleToken:
    name, secret = secrets.token_hex(5), secrets.token_hex(16)
    return SpeckleToken(name, secret, app.id, login, app.scopes, now, partner)


def _answers(shown: str, code: AccessCode) -> bool:
    """Whether the verifier fits; in the older dialect it is the challenge itself."""
    if code.method == S256:
        digest = hashlib.sha256(shown.encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return shown == code.challenge
