"""The blocking client: what a plug-in, a script or the command line uses."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType

from . import exchange
from .connection import Connection, Dropped
from .endpoints import socket_path, unavailable
from .errors import AccountManagerError
from .exchange import given
from .values import Account, Avatar, Event, Token, Variables

try:  # queue's own class; by this name it comes without `threading`, which most callers never need
    from _queue import Empty, SimpleQueue
except ImportError:
    from queue import Empty, SimpleQueue

_CONNECTIONS = 32
"""Most at once; the agent lets one process have 64. More threads than that wait their turn."""
_KEPT = 4
_BREAKS = frozenset(("parse_error", "protocol_error", "shutting_down", "timeout", "too_large"))
"""Kinds of errors after which a connection is not used again."""


class Client:
    """Talks to the agent of this user; starts one when none runs. Threads may share it.

    `socket`: another path than the usual one. `control`: use the socket of the desktop and the
    command line. `name`, `version`: of your program, shown to the person. `timeout`: seconds that
    a call waits for a person or a server unless it says otherwise. Nothing is opened before the
    first call. Every method raises AccountManagerError (see errors).
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
        self._idle: list[Connection] = []
        self._places: SimpleQueue[None] = SimpleQueue()
        for _ in range(_CONNECTIONS):
            self._places.put(None)
        self._process = os.getpid()
        self._closed = False

    # What a connector asks ----------------------------------------------------------------------

    def accounts(self, server: str | None = None, provider: str | None = None) -> list[Account]:
        """All accounts that this program may see, over all pages."""
        found: list[Account] = []
        cursor: object = None
        while True:
            params = given(server=server, provider=provider, cursor=cursor)
            page = self.call("accounts.list", params)
            found.extend(Account.from_wire(each) for each in exchange.objects(page, "accounts"))
            cursor = page.get("cursor")
            if not cursor:
                return found

    def account(self, account: str) -> Account:
        """One account by its id. Raises AccountNotFound."""
        return Account.from_wire(self.call("accounts.get", {"account": account}))

    def avatar(self, account: str) -> Avatar:
        """The picture of the person. Raises AccountNotFound."""
        return exchange.avatar(self.call("accounts.avatar", {"account": account}))

    def token(
        self,
        account: str | None = None,
        server: str | None = None,
        *,
        min_valid: float = 60,
        scopes: Iterable[str] | None = None,
        audience: str | None = None,
        timeout: float | None = None,
    ) -> Token:
        """A token that is valid for `min_valid` seconds at least.

        `account` (an id) or `server` (an address) says whose; with neither it is the default that
        the person chose. Raises ChooseAccount, SignInRequired, ServerUnreachable and others.
        """
        params = exchange.token_params(account, server, min_valid, scopes, audience)
        return Token.from_wire(self.call("token.get", params, timeout))

    def refresh(self, account: str, rejected_token: str) -> Token:
        """A newer token than the one that the server refused (send each refused one once)."""
        params = {"account": account, "rejected": exchange.rejected_hash(rejected_token)}
        return Token.from_wire(self.call("token.refresh", params))

    def variables(
        self, account: str | None = None, server: str | None = None, *, min_valid: float = 300
    ) -> Variables:
        """The environment variables that programs of this account's kind of server read. Raises
        InvalidRequest where there are none."""
        params = given(account=account, server=server, min_valid=min_valid)
        return exchange.variables(self.call("token.variables", params))

    def headers(
        self, account: str, method: str, url: str, body: bytes | None = None
    ) -> dict[str, str]:
        """The headers that authorize one request. Raises InvalidRequest for a foreign address."""
        params = exchange.headers_params(account, method, url, body)
        return exchange.headers(self.call("request.headers", params))

    def events(self, topics: Iterable[str]) -> Iterator[Event]:
        """Past facts as they come, for ever; the first is awaited, then each `next` blocks.

        When the agent goes away, a `connection.lost` event says so; when it is back (this never
        starts one anew), `connection.restored` does: list the accounts again then.
        """
        wanted = list(topics)
        connection = self._subscribed(self._opened(), wanted)
        try:
            while True:
                try:
                    params = connection.notification()
                except Dropped:
                    connection.close()
                    yield Event("connection.lost", {})
                    connection = self._resubscribed(wanted)
                    yield Event("connection.restored", {})
                else:
                    yield Event(str(params["topic"]), params)
        finally:
            connection.close()

    # Any method ---------------------------------------------------------------------------------

    def call(
        self, method: str, params: Mapping[str, object] | None = None, timeout: float | None = None
    ) -> dict[str, object]:
        """The raw result of any method of the protocol (protocol/README.md)."""
        limit = self._timeout if timeout is None else timeout
        sent = {**(params or {}), "timeout": limit}
        deadline = time.monotonic() + limit + exchange.GRACE
        try:
            self._places.get(timeout=limit)
        except Empty:
            raise exchange.out_of_time(method) from None
        try:
            return self._call(method, sent, deadline)
        finally:
            self._places.put(None)

    def close(self) -> None:
        """Close the kept connections; a call that is under way on another thread still ends."""
        self._closed = True
        self._close_idle()

    def __enter__(self) -> Client:  # noqa: PYI034  # Self would import typing
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # Connections --------------------------------------------------------------------------------

    def _call(self, method: str, params: dict[str, object], deadline: float) -> dict[str, object]:
        again = False
        while True:
            connection = self._taken(method, fresh=again)
            keep = False
            try:
                result = connection.request(method, params, deadline - time.monotonic())
                keep = True
                return result
            except Dropped as dropped:
                if again or (dropped.sent and method not in exchange.REPEATABLE):
                    raise exchange.lost(method) from None
                again = True
            except AccountManagerError as error:
                keep = connection.hello is not None and error.kind not in _BREAKS
                raise
            finally:
                self._given_back(connection, keep=keep)

    def _taken(self, method: str, *, fresh: bool) -> Connection:
        if self._process != os.getpid():  # after a fork the connections are the parent's
            self._process = os.getpid()
            self._close_idle()
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            # A look costs a system call; what is safe to repeat finds out by sending.
            if not fresh and (method in exchange.REPEATABLE or connection.alive()):
                return connection
            connection.close()
        return self._opened()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _given_back(self, connection: Connection, *, keep: bool) -> None:
        if keep and not self._closed and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()

    def _opened(self) -> Connection:
        try:
            return self._connect()
        except (FileNotFoundError, ConnectionRefusedError):
            if not self._auto_start:
                raise unavailable(self._path) from None
        except OSError as error:
            raise unavailable(self._path, error) from None
        from .launcher import StartingAgent  # noqa: PLC0415  # subprocess, which few calls need

        starting = StartingAgent()
        while True:
            try:
                return self._connect()
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(starting.pause())

    def _connect(self) -> Connection:
        return Connection(self._path, self._connector)

    def _subscribed(self, connection: Connection, topics: list[str]) -> Connection:
        try:
            connection.subscribe(topics, self._timeout)
        except Dropped:
            connection.close()
            raise exchange.lost("events.subscribe") from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _resubscribed(self, topics: list[str]) -> Connection:
        pause = exchange.RETRY_FIRST
        while True:
            try:
                return self._subscribed(self._connect(), topics)
            except exchange.WHILE_AWAY:
                time.sleep(pause)
                pause = min(pause * 2, exchange.RETRY_MOST)
