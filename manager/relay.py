"""The role that the operating system starts when a browser follows our URI scheme.

`PYTHON -I -m manager handle-uri -- URI` hands the URI to the running agent and ends. It takes
nothing else: whatever a web page puts into the URI must not become an option.

Exit status (sysexits.h): 0 the agent took it; 64 not called as above; 65 the agent refused it;
69 no agent that can be trusted answered. It never starts an agent: without one there is no sign-in
that could be waiting. Standard library only, no event loop, so that it is done in under 100 ms.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Any

from manager.client.errors import UntrustedSocket
from manager.client.peer import check_peer, check_place
from manager.client.protocol.endpoint import EndpointError, control_socket
from manager.client.protocol.framing import LineSplitter, LineTooLong
from manager.client.protocol.messages import PROTOCOL_VERSION

OK, USAGE, REFUSED, UNAVAILABLE = 0, 64, 65, 69
SCHEMES = ("io.github.account-manager:", "speckle:")
_LONGEST_URI = 8192
_PATIENCE = 30.0
"""Seconds for the whole answer: the agent exchanges the code at the server meanwhile."""
_EXPIRED = (
    "This sign-in has expired: Account Manager is not running.",
    "Open Account Manager and start the sign-in again.",
)


class _Stop(Exception):
    """Ends the relay with a status, a sentence and a hint."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.message, self.hint = status, message, hint


def main(arguments: list[str]) -> int:
    """`arguments` as after the program's name. Never raises, never prints the URI."""
    try:
        uri = _wanted(arguments)
        with _connected() as connection:
            _hand_over(connection, uri)
    except _Stop as stop:
        print(f"account-manager: {_printable(stop.message)}", file=sys.stderr)
        if stop.hint:
            print(_printable(stop.hint), file=sys.stderr)
        return stop.status
    return OK


def _wanted(arguments: list[str]) -> str:
    if len(arguments) != 3 or arguments[:2] != ["handle-uri", "--"]:
        raise _Stop(USAGE, "Only `handle-uri -- URI` is understood.", "")
    uri = arguments[2]
    if not uri.startswith(SCHEMES):
        raise _Stop(USAGE, "This address is not for Account Manager.", "")
    if len(uri) > _LONGEST_URI:
        raise _Stop(USAGE, f"The address is longer than {_LONGEST_URI} bytes.", "")
    # RFC 3986: a URI is visible ASCII; anything else came from somewhere else than a browser.
    if not all("!" <= character <= "~" for character in uri):
        raise _Stop(USAGE, "The address holds characters that no address may hold.", "")
    return uri


def _connected() -> socket.socket:
    try:
        path = control_socket()
        check_place(path)
        connection = socket.socket(socket.AF_UNIX)
    except EndpointError as error:
        raise _Stop(UNAVAILABLE, str(error), "") from None
    except UntrustedSocket as error:
        raise _Stop(UNAVAILABLE, error.message, error.hint) from None
    except OSError:
        raise _Stop(UNAVAILABLE, *_EXPIRED) from None
    try:
        connection.settimeout(_PATIENCE)
        connection.connect(path)
        check_peer(connection)
    except UntrustedSocket as error:
        connection.close()
        raise _Stop(UNAVAILABLE, error.message, error.hint) from None
    except OSError:
        connection.close()
        raise _Stop(UNAVAILABLE, *_EXPIRED) from None
    return connection


def _hand_over(connection: socket.socket, uri: str) -> None:
    hello = {"protocol": PROTOCOL_VERSION, "connector": {"name": "Account Manager relay"}}
    requests = ((1, "hello", hello), (2, "sign_in.complete", {"uri": uri, "timeout": _PATIENCE}))
    frames = b"".join(
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
        + b"\n"
        for number, method, params in requests
    )
    try:
        connection.sendall(frames)
        _await_answer(connection)
    except OSError:
        raise _Stop(
            UNAVAILABLE,
            "Account Manager did not answer.",
            "Look into its window; start the sign-in again if it is still asked for.",
        ) from None


def _await_answer(connection: socket.socket) -> None:
    deadline = time.monotonic() + _PATIENCE
    lines = LineSplitter()
    while True:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        received = connection.recv(65_536)
        if not received:
            raise OSError("no answer")
        try:
            whole = lines.feed(received)
        except LineTooLong:
            raise OSError("no answer in the protocol") from None
        if any(_settled(line) for line in whole):
            return


def _settled(line: bytes) -> bool:
    """Whether this is the answer that the relay waits for. Raises _Stop for an error."""
    try:
        answer: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise OSError("no answer in the protocol") from None
    if not isinstance(answer, dict):
        raise OSError("no answer in the protocol")
    error = answer.get("error")
    if isinstance(error, dict):
        data = error.get("data")
        hint = data.get("hint") if isinstance(data, dict) else None
        raise _Stop(REFUSED, str(error.get("message", "")), str(hint or ""))
    return answer.get("id") == 2 and "result" in answer


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
