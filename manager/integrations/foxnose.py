"""FoxNose's SDK with an account of Account Manager: `FluxClient(auth=AccountAuth(account=...))`.

    from foxnose_sdk.management import ManagementClient
    from manager.integrations.foxnose import AccountAuth

    auth = AccountAuth(server="https://api.foxnose.net")
    client = ManagementClient(environment_key="...", auth=auth)

Serves the contract of the SDK (`build_headers`, called by its sync and async clients for every
try of every request) and the one of its older documents (`get_headers`, `aget_headers`). Whatever
the account is, a sign-in, a token or a key, nothing long-lived comes here: a signing key's private
half stays in the agent, which gets the path and the hash of the body and answers with a signature.

Both of the SDK's clients call `build_headers` as a plain function, so in an event loop it blocks.
Bearer and Simple headers are therefore kept for a moment, and renewed beside the loop; a signature
costs one exchange over the local socket each. `await auth.prepare()` before the first request
keeps even that one off the loop.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Protocol
from urllib.parse import urlsplit

from manager.client import Account, AsyncClient, Client
from manager.client.errors import AccountNotFound, ChooseAccount, InvalidRequest, ProtocolError

FRESH = 30.0
"""Seconds for which headers are served without asking the agent."""
_STALE = 10 * FRESH
"""Seconds for which they are still served in an event loop, while newer ones are fetched."""
_ENDING = 30.0
"""Seconds before its end from which a token is no longer served from here."""


class Request(Protocol):
    """What the SDK tells of a request (foxnose_sdk.auth.RequestData)."""

    @property
    def method(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def body(self) -> bytes: ...


class AccountAuth:
    """`account`: its id; or `server`: its address, where the person has one account or has chosen
    a default. `name`, `socket`, `auto_start`: see manager.client.Client. `fresh`: see FRESH.

    Every method raises `manager.client.AccountManagerError`, as it is, through the SDK.
    """

    def __init__(
        self,
        account: str | None = None,
        server: str | None = None,
        *,
        name: str | None = None,
        socket: str | None = None,
        auto_start: bool = True,
        fresh: float = FRESH,
    ) -> None:
        self._wanted, self._server = account, server
        self._socket, self._name, self._auto_start = socket, name, auto_start
        self._fresh = fresh
        self._client = Client(socket=socket, name=name, auto_start=auto_start)
        self._found: Account | None = None
        self._kept: dict[str, _Headers] = {}
        self._renewing: set[str] = set()
        self._lock = threading.Lock()

    # The SDK's contract -------------------------------------------------------------------------

    def build_headers(self, request: Request) -> dict[str, str]:
        """The headers that authorize this request."""
        origin = _origin(request.url)
        kept = self._kept.get(origin)
        if kept is not None and kept.serves():
            if kept.age() < self._fresh:
                return dict(kept.headers)
            if kept.age() < _STALE and _in_event_loop():
                self._renew_beside(origin)
                return dict(kept.headers)
        account = self._account()
        body_hash = hashlib.sha256(request.body or b"").hexdigest()
        params = _params(account, request.method, request.url, body_hash)
        return self._keep(origin, self._client.call("request.headers", params))

    # The contract of the older documents --------------------------------------------------------

    def get_headers(self) -> dict[str, str]:
        """The headers for any request, where there are such: not for an account that signs."""
        account = self._account()
        origin = _origin(account.server_url)
        kept = self._kept.get(origin)
        if kept is not None and kept.serves() and kept.age() < self._fresh:
            return dict(kept.headers)
        _require_no_signature(account)
        return self._keep(origin, self._client.call("request.headers", _any_request(account)))

    async def aget_headers(self) -> dict[str, str]:
        """The same, without blocking the event loop."""
        if self._found is not None:
            kept = self._kept.get(_origin(self._found.server_url))
            if kept is not None and kept.serves() and kept.age() < self._fresh:
                return dict(kept.headers)
        async with self._async_client() as client:
            if self._found is None:
                self._found = self._chosen(await client.accounts(**self._choice()))
            account = self._found
            _require_no_signature(account)
            result = await client.call("request.headers", _any_request(account))
        return self._keep(_origin(account.server_url), result)

    async def prepare(self, url: str | None = None) -> None:
        """Fetch ahead, without blocking the event loop, what requests to `url` (the account's
        server unless said) will need; for an account that signs, only which account it is."""
        async with self._async_client() as client:
            if self._found is None:
                self._found = self._chosen(await client.accounts(**self._choice()))
            account = self._found
            if "sign" in account.capabilities:
                return
            address = url or account.server_url
            result = await client.call("request.headers", _params(account, "GET", address, None))
        self._keep(_origin(address), result)

    # After a 401 --------------------------------------------------------------------------------

    def refresh(self, rejected: str) -> None:
        """The server answered 401 to this token (or to this `Authorization` header): the next
        request gets a newer one. Send each refused one once; what cannot be renewed raises."""
        account = self._account()
        self._kept.clear()
        self._client.refresh(account.id, rejected.rpartition(" ")[2])

    async def arefresh(self, rejected: str) -> None:
        """The same, without blocking the event loop."""
        self._kept.clear()
        async with self._async_client() as client:
            if self._found is None:
                self._found = self._chosen(await client.accounts(**self._choice()))
            await client.refresh(self._found.id, rejected.rpartition(" ")[2])

    def close(self) -> None:
        """Close the connections to the agent."""
        self._client.close()

    def __repr__(self) -> str:
        return f"AccountAuth(account={self._wanted!r}, server={self._server!r})"

    # Parts --------------------------------------------------------------------------------------

    def _async_client(self) -> AsyncClient:
        """A new one each time: it belongs to one event loop, this object to none."""
        return AsyncClient(socket=self._socket, name=self._name, auto_start=self._auto_start)

    def _account(self) -> Account:
        if self._found is None:
            self._found = self._chosen(self._client.accounts(**self._choice()))
        return self._found

    def _choice(self) -> dict[str, str]:
        return {} if self._server is None or self._wanted is not None else {"server": self._server}

    def _chosen(self, accounts: list[Account]) -> Account:
        """Never a guess: the named one, the only one, or the person's default."""
        if self._wanted is not None:
            accounts = [each for each in accounts if each.id == self._wanted]
        else:
            accounts = [each for each in accounts if each.provider == "foxnose"]
        if not accounts:
            raise AccountNotFound(
                "There is no such account of FoxNose.", hint="Sign in with Account Manager first."
            )
        if len(accounts) > 1:
            defaults = [each for each in accounts if each.is_server_default]
            if self._server is None or len(defaults) != 1:
                raise ChooseAccount(
                    "Several accounts of FoxNose fit.", hint="Name one: AccountAuth(account=...)."
                )
            return defaults[0]
        return accounts[0]

    def _keep(self, origin: str, result: Mapping[str, object]) -> dict[str, str]:
        found = result.get("headers")
        if not isinstance(found, dict):
            raise ProtocolError("The agent's answer is not one of this protocol.")
        headers = {str(name): str(value) for name, value in found.items()}
        # A signature is for one request; its Date says so.
        if "Date" not in headers:
            self._kept[origin] = _Headers(headers, result.get("expires_at"))
        return headers

    def _renew_beside(self, origin: str) -> None:
        """At most one thread an address; the loop goes on with what is kept."""
        with self._lock:
            if origin in self._renewing:
                return
            self._renewing.add(origin)
        threading.Thread(target=self._renew, args=(origin,), daemon=True).start()

    def _renew(self, origin: str) -> None:
        try:
            params = _params(self._account(), "GET", origin + "/", None)
            self._keep(origin, self._client.call("request.headers", params))
        except Exception:  # noqa: BLE001  # the next request asks by itself and raises it there
            self._kept.pop(origin, None)
        finally:
            with self._lock:
                self._renewing.discard(origin)


class SocketTokenProvider:
    """For `JWTAuth(SocketTokenProvider(account=...))`: the account's token, valid now."""

    def __init__(
        self, account: str | None = None, server: str | None = None, *, name: str | None = None,
        socket: str | None = None, fresh: float = FRESH,
    ) -> None:  # fmt: skip
        self._auth = AccountAuth(account, server, name=name, socket=socket, fresh=fresh)

    def get_token(self) -> str:
        """Raises InvalidRequest for an account that has no bearer token: a key."""
        scheme, _, token = self._auth.get_headers().get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise InvalidRequest(
                "This account is a key and has no bearer token.",
                hint="Use AccountAuth instead of JWTAuth, or issue a bearer token for the key.",
            )
        return token

    def refresh(self, rejected: str) -> None:
        """After a 401; see AccountAuth.refresh."""
        self._auth.refresh(rejected)

    def close(self) -> None:
        self._auth.close()


class _Headers:
    """Headers that serve every request to one address, since when, and how long they may."""

    __slots__ = ("_at", "_left", "headers")

    def __init__(self, headers: dict[str, str], expires_at: object) -> None:
        self.headers = headers
        self._at = time.monotonic()
        now = datetime.now(timezone.utc).timestamp()
        ends = isinstance(expires_at, (int, float)) and not isinstance(expires_at, bool)
        self._left = expires_at - now - _ENDING if ends else None  # type: ignore[operator]

    def age(self) -> float:
        return time.monotonic() - self._at

    def serves(self) -> bool:
        return self._left is None or self.age() < self._left

    def __repr__(self) -> str:
        return "_Headers(***)"


def _params(account: Account, method: str, url: str, body_hash: str | None) -> dict[str, object]:
    params: dict[str, object] = {"account": account.id, "method": method, "url": url}
    if body_hash is not None:
        params["body_sha256"] = body_hash
    return params


def _any_request(account: Account) -> dict[str, object]:
    return _params(account, "GET", account.server_url + "/", None)


def _require_no_signature(account: Account) -> None:
    if "sign" in account.capabilities:
        raise InvalidRequest(
            "This account signs each request: headers without a request cannot be had.",
            hint="Use build_headers(request), as the SDK's own clients do.",
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
