"""specklepy's own functions for accounts, answered by Account Manager instead of a file.

    from specklepy.api.client import SpeckleClient
    from manager.integrations.specklepy import get_default_account

    account = get_default_account()
    client = SpeckleClient(host=account.serverInfo.url)
    client.authenticate_with_account(account)

Each has the name, the arguments and the meaning that it has in specklepy.api.credentials, and makes
specklepy's own `Account`; nothing is written to disk. What stays empty, because no program gets it:
`refreshToken` and `userInfo.id`. A token of Speckle lives until somebody ends it; when the server
answers 403, ask `renewed(account)` for the account with a newer one.

Every function raises `manager.client.AccountManagerError` where the agent cannot be asked.
"""

from __future__ import annotations

import hashlib
from functools import cache
from urllib.parse import urlsplit

from specklepy.api.credentials import Account, UserInfo
from specklepy.api.models import ServerInfo
from specklepy.api.models.current import ServerMigration

from manager.client import Account as Ours
from manager.client import AccountManagerError, Client
from manager.client.errors import AccountNotFound

_PROVIDER = "speckle"
_ABOUT_ONE_ACCOUNT = frozenset(
    ("sign_in_required", "server_unreachable", "rate_limited", "provider_error", "timeout")
)
"""Kinds of errors for which one account is listed without its token; others still have theirs."""


def get_local_accounts(base_path: str | None = None) -> list[Account]:
    """All Speckle accounts that this program may see; `base_path` means nothing here. One whose
    token cannot be had just now is listed with `token` None."""
    del base_path
    return [_with_token(each) for each in _accounts()]


def get_default_account(base_path: str | None = None) -> Account | None:
    """The account that the person chose; else the first, marked as the default, as specklepy does
    it. None where there is no account. Raises also what concerns this account alone."""
    del base_path
    chosen = next(iter(sorted(_accounts(), key=_rank)), None)
    if chosen is None:
        return None
    account = _made(chosen, _token(chosen))
    account.isDefault = True
    return account


def get_account_from_token(token: str, server_url: str | None = None) -> Account:
    """The account that holds this token; else one at that server; else a bare one, as specklepy
    does it."""
    accounts = get_local_accounts()
    for account in accounts:
        if account.token == token:
            return account
    wanted = (server_url or "").lower()
    for account in accounts:
        if wanted and wanted in account.serverInfo.url.lower():
            return account
    return Account.from_token(token, server_url)


def get_accounts_for_server(host: str) -> list[Account]:
    """Those of a server by its host (`app.speckle.systems`, with a port where it has one); first
    those that have moved away from there, each person once."""
    accounts = _accounts()
    moved = [each for each in accounts if _host(each.server.get("moved_from")) == host]
    people = {each.identity for each in moved}
    there = [
        each for each in accounts if _host(each.server_url) == host and each.identity not in people
    ]
    return [_with_token(each) for each in (*moved, *there)]


def renewed(account: Account) -> Account:
    """The same account with a newer token than its own, which the server has refused. However many
    programs ask, it is renewed once. Raises SignInRequired, AccountNotFound and others."""
    there = [each for each in _accounts() if _is(each, account)]
    if not there:
        raise AccountNotFound(
            "Account Manager knows no such account.", hint="Sign in with Account Manager first."
        )
    ours = next((each for each in there if each.renews), there[0])
    return _made(ours, _client().refresh(ours.id, account.token or "").access_token)


@cache
def _client() -> Client:
    """Threads and forks may share it."""
    return Client()


def _accounts() -> list[Ours]:
    return _client().accounts(provider=_PROVIDER)


def _token(ours: Ours) -> str:
    return _client().token(account=ours.id).access_token


def _with_token(ours: Ours) -> Account:
    try:
        token = _token(ours)
    except AccountManagerError as error:
        if error.kind not in _ABOUT_ONE_ACCOUNT:
            raise
        return _made(ours, None)
    return _made(ours, token)


def _made(ours: Ours, token: str | None) -> Account:
    moved_from = ours.server.get("moved_from")
    migration = ServerMigration(moved_from=moved_from, moved_to=None) if moved_from else None
    return Account(
        id=_id(ours),
        token=token,
        isDefault=ours.is_default,
        serverInfo=ServerInfo(name=ours.server_name, url=ours.server_url, migration=migration),
        userInfo=UserInfo(name=ours.display_name, email=_email(ours)),
    )


def _id(ours: Ours) -> str:
    """As all of Speckle's programs number accounts."""
    text = (_email(ours) or "") + ours.server_url
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def _email(ours: Ours) -> str | None:
    return ours.identity if "@" in ours.identity else None


def _is(ours: Ours, account: Account) -> bool:
    return account.id == _id(ours) or (
        ours.server_url == (account.serverInfo.url or "").rstrip("/")
        and account.userInfo.email == _email(ours)
    )


def _rank(ours: Ours) -> tuple[bool, bool]:
    return (not ours.is_default, not ours.is_server_default)


def _host(url: str | None) -> str:
    return urlsplit(url or "").netloc
