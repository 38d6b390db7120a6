"""What the methods of a client return: plain classes made to fit the protocol's message table.

Fields that a newer agent adds are ignored; one that is missing raises ProtocolError.
"""

from __future__ import annotations

from collections.abc import Mapping

from .errors import ProtocolError


class Token:
    """An access token and what a program must know to use it.

    `expires_at`: unix seconds, None when the server did not say. `scopes`: those granted.
    """

    __slots__ = ("access_token", "account", "expires_at", "scopes", "token_type")

    account: str
    access_token: str
    token_type: str
    expires_at: int | None
    scopes: list[str]

    @classmethod
    def from_wire(cls, fields: Mapping[str, object]) -> Token:
        made = cls()
        _fill(made, fields, _TOKEN)
        return made

    @property
    def authorization(self) -> str:
        """The value of an `Authorization` header (RFC 6750 section 2.1)."""
        return "{} {}".format(self.token_type, self.access_token)

    def __repr__(self) -> str:
        return "Token(account={!r}, access_token='***', expires_at={!r})".format(
            self.account, self.expires_at
        )


class Account:
    """Who the person is at one server. `id` is stable; `identity` is an e-mail address or user
    name; `state` is `signed_in` or `attention_needed`, then with a `reason`; `server` has `url`
    and `name`, and `moved_from` where it had another address; `expires_at`: of the access token,
    unix seconds; `roles`: what the person is at the server; `exported`: other programs see it in a
    plain-text file of their own; `is_key`: one of the person's keys, beside their sign-in."""

    __slots__ = (
        "capabilities",
        "display_name",
        "expires_at",
        "exported",
        "has_avatar",
        "id",
        "identity",
        "is_default",
        "is_key",
        "is_server_default",
        "last_attempt",
        "provider",
        "reason",
        "renews",
        "roles",
        "scopes",
        "server",
        "state",
    )

    id: str
    provider: str
    server: dict[str, str]
    identity: str
    display_name: str
    has_avatar: bool
    state: str
    reason: str | None
    is_default: bool
    is_server_default: bool
    scopes: list[str]
    capabilities: list[str]
    last_attempt: str | None
    expires_at: int | None
    renews: bool | None
    roles: list[str]
    exported: bool
    is_key: bool | None

    @classmethod
    def from_wire(cls, fields: Mapping[str, object]) -> Account:
        made = cls()
        _fill(made, fields, _ACCOUNT)
        return made

    def to_wire(self) -> dict[str, object]:
        """The account as it came, for `--json` and logs: it holds no secret."""
        return {name: getattr(self, name) for name in _ACCOUNT}

    @property
    def server_url(self) -> str:
        return str(self.server.get("url", ""))

    @property
    def server_name(self) -> str:
        return str(self.server.get("name") or self.server_url)

    @property
    def needs_attention(self) -> bool:
        """Only the person can go on with it: by signing in again."""
        return self.state != "signed_in"

    def __repr__(self) -> str:
        return "Account(id={!r}, identity={!r}, server={!r}, state={!r})".format(
            self.id, self.identity, self.server_url, self.state
        )


class Variables:
    """The environment variables of an account, by name; `expires_at`: unix seconds, or None."""

    __slots__ = ("account", "expires_at", "variables")

    def __init__(
        self, account: str, variables: Mapping[str, str], expires_at: float | None = None
    ) -> None:
        self.account = account
        self.variables = dict(variables)
        self.expires_at = expires_at

    def __repr__(self) -> str:
        return "Variables(account={!r}, names={!r}, expires_at={!r})".format(
            self.account, sorted(self.variables), self.expires_at
        )


class Avatar:
    """A picture of the person: `content` as bytes, its `media_type` such as image/png."""

    __slots__ = ("content", "media_type")

    def __init__(self, media_type: str, content: bytes) -> None:
        self.media_type = media_type
        self.content = content


class Event:
    """A past fact. `topic` is one of the protocol's, or the client's own `connection.lost` and
    `connection.restored`: between those two, events were missed, so list the accounts again."""

    __slots__ = ("params", "topic")

    def __init__(self, topic: str, params: Mapping[str, object]) -> None:
        self.topic = topic
        self.params = params

    @property
    def account(self) -> Account | None:
        """The account that the event is about, where it carries one."""
        fields = self.params.get("account")
        return Account.from_wire(fields) if isinstance(fields, dict) else None

    def __repr__(self) -> str:
        return "Event({!r})".format(self.topic)


# Field by field: its types, and whether it may be absent or null. The message table says the
# same (a test holds the two together), but to load it would cost every caller `typing`.
_TEXT = (str,)
_NUMBER = (int, float)
_TOKEN: dict[str, tuple[tuple[type, ...], bool]] = {
    "account": (_TEXT, False),
    "access_token": (_TEXT, False),
    "token_type": (_TEXT, False),
    "expires_at": (_NUMBER, True),
    "scopes": ((list,), False),
}
_ACCOUNT: dict[str, tuple[tuple[type, ...], bool]] = {
    "id": (_TEXT, False),
    "provider": (_TEXT, False),
    "server": ((dict,), False),
    "identity": (_TEXT, False),
    "display_name": (_TEXT, False),
    "has_avatar": ((bool,), False),
    "state": (_TEXT, False),
    "reason": (_TEXT, True),
    "is_default": ((bool,), False),
    "is_server_default": ((bool,), False),
    "scopes": ((list,), False),
    "capabilities": ((list,), False),
    "last_attempt": (_TEXT, True),
    "expires_at": (_NUMBER, True),
    "renews": ((bool,), True),
    "roles": ((list,), False),
    "exported": ((bool,), False),
    "is_key": ((bool,), True),
}


def _fill(
    value: object,
    fields: Mapping[str, object],
    table: Mapping[str, tuple[tuple[type, ...], bool]],
) -> None:
    """Set the slots of `value` from `fields`."""
    for name, (types, optional) in table.items():
        field = fields.get(name)
        if not (isinstance(field, types) or (optional and field is None)):
            raise ProtocolError(
                "The agent's answer lacks a usable {!r}.".format(name),
                hint="Update the older of the two programs.",
            )
        setattr(value, name, field)
