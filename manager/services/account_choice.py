"""Which account a request means: the one named, or the one that the person chose. Never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manager.core.account import Account, Defaults
from manager.core.errors import AccountNotFound, ChooseAccount
from manager.core.server_address import canonical


def choose(
    accounts: Sequence[Account], defaults: Defaults, *, account: str | None, server: str | None
) -> Account:
    """`account`: that one. `server`: its only account, or the person's default there; an address
    that the server had before means it too. Neither: the person's overall default.

    Raises AccountNotFound, ChooseAccount (with choices), InvalidRequest for a bad address.
    """
    if account is not None:
        return _named(accounts, account)
    if server is not None:
        return _at_server(accounts, defaults, canonical(server))
    chosen = defaults.overall
    if chosen is not None:
        return _named(accounts, chosen)
    if not accounts:
        raise AccountNotFound("No account is signed in.")
    raise ChooseAccount("Several accounts are possible.", choices=_choices(accounts))


def _named(accounts: Iterable[Account], account_id: str) -> Account:
    for account in accounts:
        if account.id == account_id:
            return account
    raise AccountNotFound("This account is not signed in (any more).")


def _at_server(accounts: Iterable[Account], defaults: Defaults, url: str) -> Account:
    there = [account for account in accounts if account.server.answers_to(url)]
    if len(there) == 1:
        return there[0]
    if not there:
        raise AccountNotFound(f"No account is signed in at {url}.")
    for address in dict.fromkeys([url, *(each.server.url for each in there)]):
        chosen = defaults.for_server(address)
        if chosen in {each.id for each in there}:
            return _named(there, chosen)
    raise ChooseAccount(f"Several accounts are signed in at {url}.", choices=_choices(there))


def _choices(accounts: Iterable[Account]) -> list[dict[str, str]]:
    return [
        {"account": each.id, "identity": each.identity.label, "server": each.server.url}
        for each in accounts
    ]
