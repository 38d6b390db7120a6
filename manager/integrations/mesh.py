"""Mesh's SDK with an account of Account Manager.

The unmodified SDK, on a desktop:

    PYTHON_KEYRING_BACKEND=manager.integrations.keyring_backend.Keyring python program.py

Where the SDK sees no desktop (no DISPLAY, a container, CI, a notebook) it never looks into the
keyring; there, and for accounts that are API keys, one import changes:

    from manager.integrations.mesh import MeshClient

or the key goes in as a variable: `account-manager exec ACCOUNT -- python program.py`.

Which account: the one that ACCOUNT_MANAGER_MESH_ACCOUNT names (id or e-mail address), else the only
one at the server, else the server's default. The server is the one that the SDK talks to
(MESH_API_URL, else the SDK's own): a token never goes to another.

The SDK's HTTP library lets an entry of ~/.netrc for the server's host replace the token; the server
then answers 401. Take such an entry away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from manager.client import Account, AccountManagerError, Client

SERVER = "https://mesh-abh5.onrender.com"
"""Where the SDK goes when MESH_API_URL is not set (mesh/config.py)."""
ACCOUNT = "ACCOUNT_MANAGER_MESH_ACCOUNT"
SPARE = 330.0
"""Seconds: the SDK starts a login of its own for a token with 300 or fewer left."""
_LEAST = 301.0


class NoMeshToken(BaseException):
    """There is no token for the SDK; the sentence says why and what to do.

    No `Exception`: the SDK catches those (token_manager.py, client.py) and goes on to open a
    browser or to print a device code for a login that Account Manager would know nothing of.
    """


def token_record(client: Client, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """What the SDK finds in its slot: `access_token` and `expires_at` (unix seconds), and never a
    refresh token, so that nobody but the agent renews. Raises NoMeshToken."""
    try:
        account = chosen_account(client, environ)
        token = client.token(account.id, min_valid=SPARE)
    except AccountManagerError as error:
        raise _explained(error) from None
    now = time.time()  # noqa: TID251  # the SDK compares with the same clock
    expires_at = now + 3600 if token.expires_at is None else token.expires_at
    if expires_at - now < _LEAST:
        raise NoMeshToken(
            "The SDK takes no token that ends within five minutes, and there is no longer one: try"
            f" again when {account.server_name} can be reached, or use an API key."
        )
    return {"access_token": token.access_token, "expires_at": expires_at}


def chosen_account(
    client: Client, environ: Mapping[str, str] = os.environ, *, keys: bool = False
) -> Account:
    """`keys`: whether an API key will do. Raises NoMeshToken, AccountManagerError."""
    server = environ.get("MESH_API_URL") or SERVER
    wanted = environ.get(ACCOUNT, "").strip()
    there = client.accounts(server=server, provider="mesh")
    if not there:
        raise NoMeshToken(_nobody(server, client.accounts(provider="mesh")))
    found = [each for each in there if not wanted or wanted in (each.id, each.identity)]
    if not found:
        raise NoMeshToken(
            f"{ACCOUNT}={wanted} names no account at {server}. There are: {_labels(there)}."
        )
    usable = [each for each in found if keys or not _is_key(each)]
    if not usable:
        raise NoMeshToken(
            f"The account at {server} is an API key, which the SDK reads from a variable: run the"
            f" program by account-manager exec {found[0].identity} -- ..., or sign in."
        )
    chosen = usable if len(usable) == 1 else [each for each in usable if each.is_server_default]
    if not chosen:
        raise NoMeshToken(
            f"Several accounts fit at {server}: {_labels(usable)}. Set {ACCOUNT} to one of them, or"
            " choose a default in Account Manager."
        )
    return chosen[0]


def _is_key(account: Account) -> bool:
    """A key neither renews nor ends."""
    return not account.renews and account.expires_at is None


def _nobody(server: str, elsewhere: list[Account]) -> str:
    if not elsewhere:
        return f"Nobody is signed in at {server}: account-manager login {server}"
    servers = ", ".join(sorted({each.server_url for each in elsewhere}))
    return (
        f"Nobody is signed in at {server}, which the SDK talks to; set MESH_API_URL for: {servers}."
    )


def _labels(accounts: list[Account]) -> str:
    return ", ".join(sorted({each.identity for each in accounts}))


def _explained(error: AccountManagerError) -> NoMeshToken:
    return NoMeshToken(" ".join(filter(None, (error.message, error.hint))))


def _client_class() -> type[Any]:
    """The SDK's own client, except that tokens and headers come from the agent."""
    from mesh import MeshClient as Original  # type: ignore[import-not-found]  # noqa: PLC0415

    class MeshClient(Original):  # type: ignore[misc]  # the SDK has no types
        """As mesh.MeshClient, on any machine and for API keys too; it never logs in by itself."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            self._agent = Client()
            super().__init__(*arguments, **named)

        def _start_token_health_monitor(self) -> None:
            """The agent renews."""

        def _load_token(self) -> None:
            """Nothing is kept: each request asks for its headers."""

        def _ensure_authenticated(self) -> bool:
            return True

        def _refresh_token(self) -> bool:
            return False

        def _get_headers(self, additional_headers: Any = None) -> dict[str, str]:
            environ = {**os.environ, "MESH_API_URL": self.api_url}
            try:
                account = chosen_account(self._agent, environ, keys=True)
                found = self._agent.headers(account.id, "POST", self.api_url)
            except AccountManagerError as error:
                raise _explained(error) from None
            return {"Content-Type": "application/json", **found, **(additional_headers or {})}

    return MeshClient


def __getattr__(name: str) -> Any:
    """`MeshClient` loads the SDK, which the keyring backend must not."""
    if name != "MeshClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = _client_class()
    globals()[name] = made
    return made
