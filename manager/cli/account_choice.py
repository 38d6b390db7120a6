"""Which account the words on the command line mean: exactly one, or an error with the choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from manager.client import Account, Client
from manager.client.errors import AccountNotFound, ChooseAccount


def found(client: Client, words: str, server: str | None = None) -> Account:
    """The account of the agent (at `server` alone) that `words` names; see `chosen`."""
    return chosen(client.accounts(server), words)


def chosen(accounts: Sequence[Account], words: str) -> Account:
    """The one account whose id, or else whose label, label@server or server address is `words`.

    Letter case does not matter but in an id. Raises AccountNotFound, ChooseAccount: never guessed.
    """
    for account in accounts:
        if account.id == words:
            return account
    for names in _WAYS:
        fitting = [each for each in accounts if words.casefold() in names(each)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise ChooseAccount(
                f"Several accounts are called {words}.",
                hint=_clearer(fitting),
                choices=_choices(fitting),
            )
    raise AccountNotFound(
        f"No account is called {words}.",
        hint="See account-manager accounts, or sign in: account-manager login SERVER",
        choices=_choices(accounts),
    )


def look_alike(accounts: Sequence[Account]) -> bool:
    """Whether two of them have one label at one server (a sign-in and a key of one person)."""
    return len({(each.identity, each.server_url) for each in accounts}) < len(accounts)


def _clearer(fitting: Sequence[Account]) -> str:
    if look_alike(fitting):
        return "Name one by its id, for example " + fitting[0].id
    return f"Name one as label@server, for example {fitting[0].identity}@{_host(fitting[0])}"


def _labels(account: Account) -> set[str]:
    return {account.identity.casefold()}


def _labels_at_servers(account: Account) -> set[str]:
    return {f"{account.identity}@{server}".casefold() for server in _addresses(account)}


def _servers(account: Account) -> set[str]:
    return {server.casefold() for server in _addresses(account)}


_WAYS: tuple[Callable[[Account], set[str]], ...] = (_labels, _labels_at_servers, _servers)


def _addresses(account: Account) -> set[str]:
    url = account.server_url
    return {url, url + "/", _host(account), url.partition("://")[2]}


def _host(account: Account) -> str:
    return urlsplit(account.server_url).netloc


def _choices(accounts: Sequence[Account]) -> list[dict[str, str]]:
    return [
        {"account": each.id, "identity": each.identity, "server": each.server_url}
        for each in accounts
    ]
