"""What the sync and the async client have in common, without any I/O: requests and replies."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable

from .errors import (
    AccountManagerError,
    ConnectionLost,
    ProtocolError,
    ShuttingDown,
    TimedOut,
    from_wire,
)
from .values import Avatar, Variables

PROTOCOL_VERSION = 1
DEFAULT_TIMEOUT = 30.0
GRACE = 2.0
"""Seconds that the agent gets beyond the caller's `timeout` to say itself that time ran out."""
RETRY_FIRST, RETRY_MOST = 0.1, 2.0
"""Seconds between two tries of an event stream to find its agent again: first, and at most."""
WHILE_AWAY = (OSError, ConnectionLost, ShuttingDown, TimedOut)
"""What an event stream meets while its agent is away; anything else ends the stream."""

REPEATABLE = frozenset(
    (
        "accounts.avatar",
        "accounts.find",
        "accounts.get",
        "accounts.list",
        "accounts.verify",
        "agent.status",
        "credentials.kinds",
        "credentials.list",
        "events.subscribe",
        "providers.list",
        "request.headers",
        "servers.list",
        "servers.probe",
        "sign_in.list",
        "sign_in.wait",
        "token.get",
        "token.refresh",
        "token.variables",
        "variables.read",
    )
)
"""The rule: a request that was sent whole and whose connection broke before the answer is sent once
more only when it is one of these. They read, or name what they replace (`token.refresh` carries the
refused token's hash, so a second one finds the newer token). All others may have been carried out:
they raise ConnectionLost. A request that never left whole is always safe to send again, since the
agent acts on whole lines only."""


def connector(name: str | None, version: str) -> dict[str, str]:
    """Who asks, as `hello` says it."""
    if not name:
        called = os.path.basename(sys.argv[0] if sys.argv else "")
        name = "".join(each for each in called if each.isprintable()).strip()[:100] or "python"
    return {"name": name, "version": version}


def encoded(number: int, method: str, params: dict[str, object]) -> bytes:
    """One request as a line."""
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def given(**params: object) -> dict[str, object]:
    """The parameters that the caller gave: those that are not None."""
    return {name: value for name, value in params.items() if value is not None}


def decoded(line: bytes) -> dict[str, object]:
    """One reply or notification. Raises ProtocolError, which never holds the line."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise broken()
    return message


def outcome(message: dict[str, object]) -> dict[str, object]:
    """The result of a reply; raises the error that it carries."""
    if "error" in message:
        raise from_wire(message["error"])
    result = message.get("result")
    if not isinstance(result, dict):
        raise broken()
    return result


def objects(result: dict[str, object], name: str) -> list[dict[str, object]]:
    """A list of objects in a result. Raises ProtocolError."""
    found = result.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise broken()
    return found


def token_params(
    account: str | None,
    server: str | None,
    min_valid: float,
    scopes: Iterable[str] | None,
    audience: str | None,
) -> dict[str, object]:
    """What `token.get` takes."""
    return given(
        account=account,
        server=server,
        min_valid=min_valid,
        scopes=None if scopes is None else list(scopes),
        audience=audience,
    )


def variables(result: dict[str, object]) -> Variables:
    """What `token.variables` answers. Raises ProtocolError."""
    account, found, ends = result.get("account"), result.get("variables"), result.get("expires_at")
    if not isinstance(account, str) or not isinstance(found, dict):
        raise broken()
    if not all(isinstance(value, str) for value in found.values()):
        raise broken()
    return Variables(account, found, ends if isinstance(ends, (int, float)) else None)


def headers_params(account: str, method: str, url: str, body: bytes | None) -> dict[str, object]:
    """What `request.headers` takes."""
    return given(account=account, method=method, url=url, body_sha256=body_hash(body))


def headers(result: dict[str, object]) -> dict[str, str]:
    """The headers in a result of `request.headers`. Raises ProtocolError."""
    found = result.get("headers")
    if not isinstance(found, dict):
        raise broken()
    return {str(name): str(value) for name, value in found.items()}


def avatar(result: dict[str, object]) -> Avatar:
    """The picture in a result of `accounts.avatar`. Raises ProtocolError."""
    from base64 import b64decode  # noqa: PLC0415  # only pictures need it

    media_type, content = result.get("media_type"), result.get("base64")
    if not isinstance(media_type, str) or not isinstance(content, str):
        raise broken()
    try:
        return Avatar(media_type, b64decode(content, validate=True))
    except ValueError:
        raise broken() from None


def rejected_hash(token: str) -> str:
    """How `token.refresh` names the refused token: its SHA-256 in hex."""
    return body_hash(token.encode()) or ""


def body_hash(body: bytes | None) -> str | None:
    """A request's body as `request.headers` wants it: SHA-256 in hex."""
    if body is None:
        return None
    from hashlib import sha256  # noqa: PLC0415  # loads OpenSSL, which most callers never need

    return sha256(body).hexdigest()


def broken() -> AccountManagerError:
    return ProtocolError(
        "The agent's answer is not one of this protocol.",
        hint="Update the older of the two programs.",
    )


def out_of_time(method: str) -> AccountManagerError:
    return TimedOut(
        "No answer to {} came in time.".format(method), hint="Try again, with more time."
    )


def lost(method: str) -> AccountManagerError:
    return ConnectionLost(
        "The agent went away while it worked on {}.".format(method),
        hint="Look whether it was done, then try again.",
    )
