"""The asyncio client: the same surface as Client, with many calls in flight on one connection.

Works on any asyncio loop that serves Unix sockets, qasync's included.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType

from . import exchange
from .async_connection import AsyncConnection
from .connection import Dropped
from .deadline import within
from .endpoints import socket_path, unavailable
from .exchange import given
from .values import Account, Avatar, Event, Token, Variables


class AsyncClient:
    """Talks to the agent of this user; starts one when none runs. Belongs to one event loop.

    The parameters are those of Client. Every method raises AccountManagerError (see errors). A
    call may be cancelled at any time: the others on the connection do not notice.
    """

    def __init__(
        self,
        *,
        socket: str | None = None,
        control: bool = False,
        name: str | None = None,
        version: str = "",
        auto_start: bool = True,
        timeout: float = exchange.DEFAULT_TIMEOUT,
    ) -> None:
        self._path = socket_path(socket, control=control)
        self._connector = exchange.connector(name, version)
        self._auto_start = auto_start
        self._timeout = timeout
        self._connection: AsyncConnection | None = None
        self._opening: asyncio.Lock | None = None

    # What a connector asks ----------------------------------------------------------------------

    async def accounts(
        self, server: str | None = None, provider: str | None = None
    ) -> list[Account]:
        """All accounts that this program may see, over all pages."""
        found: list[Account] = []
        cursor: object = None
        while True:
            params = given(server=server, provider=provider, cursor=cursor)
            page = await self.call("accounts.list", params)
            found.extend(Account.from_wire(each) for each in exchange.objects(page, "accounts"))
            cursor = page.get("cursor")
            if not cursor:
                return found

    async def account(self, account: str) -> Account:
        """One account by its id. Raises AccountNotFound."""
        return Account.from_wire(await self.call("accounts.get", {"account": account}))

    async def avatar(self, account: str) -> Avatar:
        """The picture of the person. Raises AccountNotFound."""
        return exchange.avatar(await self.call("accounts.avatar", {"account": account}))

    async def token(
        self,
        account: str | None = None,
        server: str | None = None,
        *,
        min_valid: float = 60,
        scopes: Iterable[str] | None = None,
        audience: str | None = None,
        timeout: float | None = None,
    ) -> Token:
        """A token that is valid for `min_valid` seconds at least; see Client.token."""
        params = exchange.token_params(account, server, min_valid, scopes, audience)
        return Token.from_wire(await self.call("token.get", params, timeout))

    async def refresh(self, account: str, rejected_token: str) -> Token:
        """A newer token than the one that the server refused (send each refused one once)."""
        params = {"account": account, "rejected": exchange.rejected_hash(rejected_token)}
        return Token.from_wire(await self.call("token.refresh", params))

    async def variables(
        self, account: str | None = None, server: str | None = None, *, min_valid: float = 300
    ) -> Variables:
        """The environment variables that programs of this account's kind of server read. Raises
        InvalidRequest where there are none."""
        params = given(account=account, server=server, min_valid=min_valid)
        return exchange.variables(await self.call("token.variables", params))

    async def headers(
        self, account: str, method: str, url: str, body: bytes | None = None
    ) -> dict[str, str]:
        """The headers that authorize one request. Raises InvalidRequest for a foreign address."""
        params = exchange.headers_params(account, method, url, body)
        return exchange.headers(await self.call("request.headers", params))

    async def events(self, topics: Iterable[str]) -> AsyncIterator[Event]:
        """Past facts as they come, for ever, on a connection of their own; see Client.events."""
        wanted = list(topics)
        connection = await self._opened()
        try:
            await self._subscribe(connection, wanted)
            while True:
                params = await connection.events.get()
                if params is not None:
                    yield Event(str(params["topic"]), params)
                    continue
                await connection.close()
                yield Event("connection.lost", {})
                connection = await self._resubscribed(wanted)
                yield Event("connection.restored", {})
        finally:
            await connection.close()

    # Any method ---------------------------------------------------------------------------------

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, timeout: float | None = None
    ) -> dict[str, object]:
        """The raw result of any method of the protocol (protocol/README.md)."""
        limit = self._timeout if timeout is None else timeout
        sent = {**(params or {}), "timeout": limit}
        try:
            return await within(limit + exchange.GRACE, self._call(method, sent))
        except asyncio.TimeoutError:
            raise exchange.out_of_time(method) from None

    async def close(self) -> None:
        """Close the connection; calls that are under way raise ConnectionLost."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def __aenter__(self) -> AsyncClient:  # noqa: PYI034  # Self is newer than Python 3.9
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # Connections --------------------------------------------------------------------------------

    async def _call(self, method: str, params: dict[str, object]) -> dict[str, object]:
        again = False
        while True:
            connection = await self._connected()
            try:
                return await connection.request(method, params)
            except Dropped as dropped:
                if again or (dropped.sent and method not in exchange.REPEATABLE):
                    raise exchange.lost(method) from None
                again = True

    async def _connected(self) -> AsyncConnection:
        if self._connection is not None and not self._connection.ended:
            return self._connection
        if self._opening is None:  # made here: on Python 3.9 a lock binds to the loop when made
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._connection is None or self._connection.ended:
                self._connection = await self._opened()
            return self._connection

    async def _opened(self) -> AsyncConnection:
        try:
            return await self._connect()
        except (FileNotFoundError, ConnectionRefusedError):
            if not self._auto_start:
                raise unavailable(self._path) from None
        except OSError as error:
            raise unavailable(self._path, error) from None
        from .launcher import StartingAgent  # noqa: PLC0415  # subprocess, which few calls need

        starting = StartingAgent()
        while True:
            try:
                return await self._connect()
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(starting.pause())

    async def _connect(self) -> AsyncConnection:
        return await AsyncConnection.open(self._path, self._connector)

    async def _subscribe(self, connection: AsyncConnection, topics: list[str]) -> None:
        request = connection.request("events.subscribe", {"topics": topics})
        try:
            await within(self._timeout, request)
        except asyncio.TimeoutError:
            raise exchange.out_of_time("events.subscribe") from None
        except Dropped:
            raise exchange.lost("events.subscribe") from None

    async def _resubscribed(self, topics: list[str]) -> AsyncConnection:
        pause = exchange.RETRY_FIRST
        while True:
            try:
                connection = await self._connect()
                try:
                    await self._subscribe(connection, topics)
                except BaseException:
                    await connection.close()
                    raise
                return connection
            except exchange.WHILE_AWAY:
                await asyncio.sleep(pause)
                pause = min(pause * 2, exchange.RETRY_MOST)
