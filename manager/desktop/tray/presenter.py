"""What the tray says, as values; and when the person is told something."""

from __future__ import annotations

from dataclasses import dataclass

from manager.desktop.account import Account, State, grouped


@dataclass(frozen=True, slots=True)
class Entry:
    """One account of the menu; `checked`: it is the default."""

    account: str
    label: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """`attention`: on top; `groups`: (server, entries), one radio list over all of them."""

    attention: tuple[Entry, ...] = ()
    groups: tuple[tuple[str, tuple[Entry, ...]], ...] = ()
    tooltip: str = "Account Manager"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification; a click on it opens the window on `account`."""

    title: str
    text: str
    account: str


def menu(accounts: tuple[Account, ...]) -> Menu:
    """From the accounts as they are."""
    waiting = [one for one in accounts if one.state is State.ATTENTION]
    groups = tuple(
        (
            group.heading,
            tuple(Entry(one.id, _label(one), one.is_default) for one in group.accounts),
        )
        for group in grouped(accounts)
    )
    attention = tuple(Entry(one.id, f"{one.identity or one.name} needs sign-in") for one in waiting)
    return Menu(attention, groups, _tooltip(accounts, len(waiting)))


def _label(account: Account) -> str:
    more = [account.identity] if account.identity != account.name else []
    said = ", ".join(part for part in (*more, account.what.lower()) if part)
    return f"{account.name} ({said})" if said else account.name


def _tooltip(accounts: tuple[Account, ...], waiting: int) -> str:
    if waiting:
        needs = "1 account needs" if waiting == 1 else f"{waiting} accounts need"
        return f"Account Manager: {needs} sign-in"
    default = next((one for one in accounts if one.is_default), None)
    return f"Account Manager: {default.identity}" if default else "Account Manager"


class TrayPresenter:
    """Remembers who was told about, so that nobody hears the same thing twice."""

    def __init__(self) -> None:
        self._told: frozenset[str] = frozenset()

    def notice(self, accounts: tuple[Account, ...]) -> Notice | None:
        """One notification for all accounts that newly need the person, None when none does."""
        waiting = [one for one in accounts if one.state is State.ATTENTION]
        fresh = [one for one in waiting if one.id not in self._told]
        self._told = frozenset(one.id for one in waiting)
        if not fresh:
            return None
        first = fresh[0]
        if len(fresh) == 1:
            return Notice(
                f"Sign in to {first.server_name} again",
                f"{first.identity or first.name} needs you before programs can go on.",
                first.id,
            )
        servers = sorted({one.server_name for one in fresh})
        where = servers[0] if len(servers) == 1 else f"{', '.join(servers[:-1])} and {servers[-1]}"
        return Notice(
            f"{len(fresh)} accounts need sign-in", f"On {where}. Click to see them.", first.id
        )
