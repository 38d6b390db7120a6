"""From a line to its answer: which handler, checked params, and errors made fit for the wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import CoroutineType
from typing import Any

import msgspec

from manager.client.protocol.messages import AGENT, METHODS
from manager.core.errors import AccountManagerError, TimedOut

from .limits import LONGEST_WAIT
from .message_types import ErrorReply, Reply, encoder, params_type, request_decoder
from .session import Session
from .wire_errors import plain_error, wire_error

_log = logging.getLogger(__name__)

Handler = Callable[[Session, Any], Any]
"""Answers at once with a result, or with a coroutine that will."""
_UNREADABLE = plain_error(
    "parse_error", "This line is not JSON-RPC 2.0.", "Send one JSON object a line."
)
_NOT_DECODED = (ValueError, RecursionError)
"""msgspec's own errors, bare UnicodeDecodeErrors, which hold the input, and nesting without end."""
_NEED_NO_ACCOUNTS = ("hello", "agent.", "servers.", "events.")


class Dispatcher:
    """The method table of one socket.

    `ready` says whether the accounts are at hand; where they are not, `make_ready` is awaited
    before the handler runs.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        control: bool,
        ready: Callable[[], bool],
        make_ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._ready = ready
        self._make_ready = make_ready
        self._table = {
            method: (handler, msgspec.json.Decoder(params_type(method)))
            for method, handler in handlers.items()
            if control or METHODS[method].socket == AGENT
        }

    def answer(self, session: Session, line: bytes) -> bytes | Coroutine[Any, Any, bytes] | None:
        """The answer's line, a coroutine that will bring it, or None for a notification."""
        try:
            request = request_decoder.decode(line)
        except _NOT_DECODED:
            return _line(ErrorReply(None, _UNREADABLE))
        if request.id is None:
            return None
        return self._call(session, request.id, request.method, request.params)

    def _call(
        self, session: Session, request_id: int | str, method: str, raw: msgspec.Raw
    ) -> bytes | Coroutine[Any, Any, bytes]:
        entry = self._table.get(method)
        if entry is None:
            return _line(ErrorReply(request_id, _unknown(method)))
        if session.connector is None and method != "hello":
            return _line(ErrorReply(request_id, _hello_first()))
        handler, decoder = entry
        try:
            params = decoder.decode(raw)
        except msgspec.ValidationError as mistake:
            return _line(ErrorReply(request_id, plain_error("invalid_request", f"{mistake}.")))
        except _NOT_DECODED:
            return _line(ErrorReply(request_id, _UNREADABLE))
        if not self._ready() and not method.startswith(_NEED_NO_ACCOUNTS):
            return self._later(
                request_id, self._after_ready(handler, session, params), params, method
            )
        try:
            result = handler(session, params)
            if type(result) is not CoroutineType:
                return _line(Reply(request_id, result))
        except AccountManagerError as failure:
            return _line(ErrorReply(request_id, wire_error(failure)))
        except Exception as failure:  # noqa: BLE001  # one bad request must not end the agent
            return _line(ErrorReply(request_id, _internal(method, failure)))
        return self._later(request_id, result, params, method)

    async def _after_ready(self, handler: Handler, session: Session, params: Any) -> Any:
        await self._make_ready()
        result = handler(session, params)
        return await result if type(result) is CoroutineType else result

    async def _later(
        self,
        request_id: int | str,
        work: Coroutine[Any, Any, Any],
        params: Any,
        method: str,
    ) -> bytes:
        patience = params.timeout if params.timeout is not None else LONGEST_WAIT
        try:
            async with asyncio.timeout(min(max(patience, 0.0), LONGEST_WAIT)) as bound:
                return _line(Reply(request_id, await work))
        except AccountManagerError as failure:
            return _line(ErrorReply(request_id, wire_error(failure)))
        except TimeoutError as failure:
            if not bound.expired():
                return _line(ErrorReply(request_id, _internal(method, failure)))
            late = TimedOut("It took longer than the caller was willing to wait.")
            return _line(ErrorReply(request_id, wire_error(late)))
        except Exception as failure:  # noqa: BLE001
            return _line(ErrorReply(request_id, _internal(method, failure)))


def _line(message: msgspec.Struct) -> bytes:
    return encoder.encode(message) + b"\n"


def _unknown(method: str) -> dict[str, Any]:
    shown = "".join(c for c in method[:60] if c.isalnum() or c in "._")
    return plain_error("unknown_method", f"This socket has no method {shown!r}.")


def _hello_first() -> dict[str, Any]:
    return plain_error("invalid_request", "The first message must be hello.", "Send hello first.")


def _internal(method: str, failure: Exception) -> dict[str, Any]:
    # The type alone: a message or a traceback may hold what the request held.
    _log.error("%s failed: %s", method, type(failure).__name__)
    return plain_error(
        "internal_error", "Account Manager made a mistake.", "Its log names the place."
    )
