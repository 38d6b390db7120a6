"""The accounts page as a state machine over values: every step is a pure function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from manager.desktop.account import Account, State, grouped
from manager.desktop.plain_text import plain

from .screen import Banner, Details, Page, Screen, Tone
from .wording import (
    attention_sentence,
    moved_line,
    role_words,
    scope_words,
    sign_out_sentence,
    validity,
)

SEARCHABLE_FROM = 10


class Link(Enum):
    """Where the connection to the agent stands."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Accounts:
    """`busy`: account id -> what is under way with it."""

    link: Link = Link.CONNECTING
    accounts: tuple[Account, ...] = ()
    chosen: str | None = None
    query: str = ""
    consent: str = ""
    keychain: str = ""
    storage: str = ""
    trouble: str = ""
    hint: str = ""
    busy: Mapping[str, str] = field(default_factory=dict)

    def account(self, account_id: str | None) -> Account | None:
        return next((one for one in self.accounts if one.id == account_id), None)

    @property
    def visible(self) -> tuple[Account, ...]:
        """In the order of the list, after the search."""
        found = tuple(one for one in self.accounts if one.matches(self.query))
        return tuple(account for group in grouped(found) for account in group.accounts)


def listed(state: Accounts, accounts: tuple[Account, ...]) -> Accounts:
    """The agent's list came. The chosen account stays chosen; a vanished one gives way to its
    neighbour in the list, so that signing out does not throw the person elsewhere."""
    order = [account.id for account in state.visible]
    at = order.index(state.chosen) if state.chosen in order else 0
    ids = {account.id for account in accounts}
    query = state.query if len(accounts) >= SEARCHABLE_FROM else ""
    after = replace(state, link=Link.CONNECTED, accounts=accounts, query=query, trouble="", hint="")
    if state.chosen in ids:
        return after
    neighbours = [*order[at:], *reversed(order[:at])]
    kept = next((one for one in neighbours if one in ids), None)
    return replace(after, chosen=kept or _first(after))


def _first(state: Accounts) -> str | None:
    visible = state.visible
    best = next((one for one in visible if one.is_default), visible[0] if visible else None)
    return best.id if best else None


def chosen(state: Accounts, account_id: str) -> Accounts:
    return replace(state, chosen=account_id) if state.account(account_id) else state


def searched(state: Accounts, query: str) -> Accounts:
    """The list narrows; what is chosen stays in sight, else the first that fits is chosen."""
    after = replace(state, query=query)
    visible = after.visible
    if not visible or any(account.id == state.chosen for account in visible):
        return after
    return replace(after, chosen=visible[0].id)


def lost(state: Accounts, trouble: str, hint: str) -> Accounts:
    """The agent does not answer; what was known is kept until it does."""
    return replace(state, link=Link.LOST, trouble=trouble, hint=hint, busy={})


def reported(state: Accounts, status: Mapping[str, Any]) -> Accounts:
    """The answer of `agent.status`."""
    consent, keychain = str(status.get("consent", "")), str(status.get("keychain", ""))
    storage = plain(status.get("storage"), 400)
    return replace(state, consent=consent, keychain=keychain, storage=storage)


def started(state: Accounts, account_id: str, what: str) -> Accounts:
    return replace(state, busy={**state.busy, account_id: what})


def ended(state: Accounts, account_id: str) -> Accounts:
    left = {key: what for key, what in state.busy.items() if key != account_id}
    return replace(state, busy=left)


def screen(state: Accounts, now: datetime) -> Screen:
    """Everything that is to be drawn."""
    if state.link is Link.CONNECTING:
        return Screen(Page.CONNECTING)
    if state.link is Link.LOST:
        return Screen(Page.UNREACHABLE, trouble=state.trouble, hint=state.hint)
    banners = _banners(state)
    if not state.accounts:
        return Screen(Page.EMPTY, banners=banners, footer=_footer(state))
    account = state.account(state.chosen)
    fitting = tuple(one for one in state.accounts if one.matches(state.query))
    return Screen(
        Page.LIST,
        groups=grouped(fitting),
        details=_details(state, account, now) if account else None,
        banners=banners,
        footer=_footer(state),
        searchable=len(state.accounts) >= SEARCHABLE_FROM,
        query=state.query,
    )


def _footer(state: Accounts) -> str:
    return "Every program of yours may get tokens" if state.consent == "allow" else ""


def _banners(state: Accounts) -> tuple[Banner, ...]:
    return (*_storage_banner(state), *_keychain_banner(state))


def _storage_banner(state: Accounts) -> tuple[Banner, ...]:
    if state.storage in {"", "available"}:
        return ()
    return (Banner(Tone.DANGER, "Accounts cannot be read or kept", state.storage),)


def _keychain_banner(state: Accounts) -> tuple[Banner, ...]:
    if state.keychain in {"", "available"}:
        return ()
    if state.keychain == "locked":
        return (
            Banner(
                Tone.WARNING,
                "The keychain is locked",
                "Your accounts are safe in it. Unlock it, and programs get their tokens again.",
                "unlock",
                "Unlock",
            ),
        )
    return (
        Banner(
            Tone.DANGER,
            "No keychain answers",
            "Nothing is lost. Start a keychain such as gnome-keyring or KWallet, then try again.",
            "unlock",
            "Try again",
        ),
    )


_TONES = {
    State.SIGNED_IN: Tone.POSITIVE,
    State.ATTENTION: Tone.WARNING,
    State.AWAY: Tone.NEUTRAL,
}


def _details(state: Accounts, account: Account, now: datetime) -> Details:
    until, after = validity(account, now)
    banner = None
    if account.state is State.ATTENTION:
        banner = Banner(
            Tone.WARNING,
            "Sign in again to go on",
            attention_sentence(account),
            "sign_in_again",
            "Sign in again",
        )
    elif account.state is State.AWAY:
        banner = Banner(
            Tone.NEUTRAL,
            f"{account.server_name} does not answer at the moment",
            "You stay signed in. It is tried again by itself.",
        )
    siblings = [one for one in state.accounts if one.server_url == account.server_url]
    words = "Programs use another account unless they ask for this one"
    if account.is_default:
        words = "Programs use this account unless they ask for another"
    elif account.is_server_default and len(siblings) > 1:
        words = f"Programs use this account on {account.server_name}"
    return Details(
        account=account,
        tone=_TONES[account.state],
        validity=until,
        validity_after=after,
        chips=tuple((scope_words(scope), scope) for scope in account.scopes),
        roles=tuple((role_words(role), role) for role in account.roles),
        moved=moved_line(account),
        can_copy=account.state is not State.ATTENTION and "token" in account.capabilities,
        default_words=words,
        can_make_default=not account.is_default,
        sign_out_words=sign_out_sentence(account),
        banner=banner,
        busy=state.busy.get(account.id, ""),
    )
