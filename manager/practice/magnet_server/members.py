"""Who lives on the practice server, with the roles and scopes of the seed document."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from manager.practice.people import PEOPLE

SCOPES = (
    "agents:read",
    "agents:write",
    "conversations:read",
    "conversations:write",
    "models:read",
    "models:write",
    "admin",
)
"""All that the seed document knows, in its order."""

_READING = tuple(scope for scope in SCOPES if scope.endswith(":read"))
SCOPES_OF_ROLES = {
    "admin": SCOPES,
    "developer": SCOPES[:-1],
    "user": ("agents:read", "conversations:read", "conversations:write", "models:read"),
    "viewer": _READING,
}
_PERMISSIONS_OF_ROLES = {
    "admin": ("read:agents", "write:agents", "execute:agents", "read:api_keys", "write:api_keys"),
    "developer": ("read:agents", "write:agents", "execute:agents"),
    "user": ("read:agents", "execute:agents"),
    "viewer": ("read:agents",),
}


@dataclass(frozen=True, slots=True)
class Member:
    login: str
    name: str
    email: str
    role: str

    @property
    def user_id(self) -> str:
        return str(uuid5(NAMESPACE_URL, self.email))

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a token of this member may be given in the seed's dialect."""
        return SCOPES_OF_ROLES[self.role]

    @property
    def permissions(self) -> tuple[str, ...]:
        """What this member may do in v2, in its words."""
        return _PERMISSIONS_OF_ROLES[self.role]


_ALICE, _BOB = PEOPLE["alice"], PEOPLE["bob"]
MEMBERS = {
    member.login: member
    for member in (
        Member("alice", _ALICE.name, _ALICE.email, "admin"),
        Member("bob", _BOB.name, _BOB.email, "developer"),
        Member("uma", "Uma Sato", "uma@example.com", "user"),
        Member("victor", "Victor Hale", "victor@example.com", "viewer"),
    )
}


def member_who_types(name: object, password: object) -> Member | None:
    """Whoever has this login name or address; every password is right, but for "wrong"."""
    if not isinstance(name, str) or not isinstance(password, str):
        return None
    if not password or password == "wrong":  # noqa: S105
        return None
    wanted = name.strip().lower()
    return next((m for m in MEMBERS.values() if wanted in (m.login, m.email)), None)
