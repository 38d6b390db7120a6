"""An account: who the person is at one server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .account_state import AccountState, SignedIn
from .moment import Validity


@dataclass(frozen=True, slots=True)
class Server:
    """`url`: the address without a trailing slash; `name`: what the server calls itself;
    `moved_from`: the address that it had before, under which programs may still ask for it."""

    url: str
    name: str
    moved_from: str | None = None

    def answers_to(self, url: str) -> bool:
        """Whether a canonical address means this server."""
        return url in (self.url, self.moved_from)


UNIDENTIFIED = "unidentified:"
"""Begins the random subject of a sign-in where the server keeps to itself who it was."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who at the server. `subject` never changes and is never shown; `label` is (an e-mail
    address or user name); `display_name` is the person's name. `key`: which of the person's keys
    this is (its public half or a digest, never shown): a key is an account of its own beside the
    sign-in of the same person; empty for a sign-in."""

    subject: str
    label: str
    display_name: str
    avatar_url: str | None = None
    key: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the server said who it is: only then can two sign-ins be compared."""
        return not self.subject.startswith(UNIDENTIFIED)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is known of a credential without unsealing it, so that the refresh of thousands of
    accounts can be planned without the keychain. `by_itself`: holds a refresh token; `renew_at`:
    unix seconds, see OAuthTokens."""

    validity: Validity | None = None
    by_itself: bool = False
    renew_at: float | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `id` is ours, stable and never shown. `exported`: the person chose that today's
    programs of this server's kind see it in their own plain-text file.

    `revision` grows with every change of state or credential; work that waited must show a
    still-valid revision before it writes, so that a refresh that ends after a sign-out is dropped.
    """

    id: str
    provider: str
    server: Server
    identity: Identity
    scopes: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    state: AccountState = field(default_factory=SignedIn)
    revision: int = 1
    renewal: Renewal = field(default_factory=Renewal)
    roles: tuple[str, ...] = ()
    exported: bool = False

    def moved_to(self, state: AccountState) -> Account:
        """The same account in another state, one revision on."""
        return replace(self, state=state, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Defaults:
    """Which account the person chose: over all, and per server address."""

    overall: str | None = None
    per_server: tuple[tuple[str, str], ...] = ()

    def for_server(self, url: str) -> str | None:
        return dict(self.per_server).get(url)

    def with_server(self, url: str, account_id: str) -> Defaults:
        kept = {**dict(self.per_server), url: account_id}
        return replace(self, per_server=tuple(sorted(kept.items())))

    def moved(self, account_id: str, old: str, new: str) -> Defaults:
        """As the account's server goes from one address to another; a choice of the person for the
        new address stays."""
        if self.for_server(old) != account_id:
            return self
        rest = tuple(pair for pair in self.per_server if pair[0] != old)
        moved = replace(self, per_server=rest)
        return moved if moved.for_server(new) else moved.with_server(new, account_id)

    def without(self, account_id: str) -> Defaults:
        return Defaults(
            overall=None if self.overall == account_id else self.overall,
            per_server=tuple(pair for pair in self.per_server if pair[1] != account_id),
        )
