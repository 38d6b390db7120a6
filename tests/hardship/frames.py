"""Frames that no honest program sends: whole ones bent, cut, doubled, and pure noise."""

from __future__ import annotations

import json
import random

from manager.client.protocol.messages import METHODS

_ODD = [
    None, True, -1, 0, 1 << 63, 1 << 200, 1e308, -0.0, "", "x" * 300, "\u0000", "\ud800", "\u202e",
    [], {}, [[]], {"a": {}}, [1, "a", None], "../../etc/passwd", "http://127.0.0.1:1/", "1e999",
]  # fmt: skip
_PIECES = (b"{", b"[", b'"', b"}", b"\\", b",", b"null", b"\\u")
_UNWANTED = {"agent.stop", "sign_in.begin", "servers.probe", "sign_in.wait", "events.subscribe"}
METHODS_TO_TRY = [method for method in METHODS if method not in _UNWANTED]
"""Without those that stop the agent, ask the network, or wait for a person."""


def frames(chance: random.Random, account: str) -> bytes:
    """One line without its end, never longer than a line before hello may be."""
    kind = chance.random()
    if kind < 0.05:
        return chance.randbytes(chance.randrange(0, 200)).replace(b"\n", b"")
    line = _request(chance, account)
    if kind < 0.35:
        return line
    bent = bytearray(line)
    for _ in range(chance.randrange(1, 6)):
        _bend(bent, chance)
    return bytes(bent).replace(b"\n", b"")


def _request(chance: random.Random, account: str) -> bytes:
    method = chance.choice(METHODS_TO_TRY)
    params: dict[str, object] = {
        name: account if name == "account" and chance.random() < 0.3 else chance.choice(_ODD)
        for name in METHODS[method].params
        if chance.random() < 0.8
    }
    if method == "accounts.remove":
        params["account"] = "nobody's"
    if chance.random() < 0.1:
        params["timeout"] = chance.choice([0, -1, 0.001, 1e300, "1"])
    request: dict[str, object] = {"jsonrpc": "2.0", "id": chance.choice([1, "a", None, 1.5, []])}
    request |= {
        "method": method,
        "params": params if chance.random() < 0.9 else chance.choice(_ODD),
    }
    return json.dumps(request).encode()


def _bend(line: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(line) + 1)
    match chance.randrange(5):
        case 0:
            line[place:place] = chance.randbytes(chance.randrange(1, 4))
        case 1:
            del line[place : place + chance.randrange(1, 10)]
        case 2:
            line[place:place] = chance.choice(
                [b"{", b"[", b'"', b"}", b"\\", b",", b"null", b"\\u"]
            )
        case 3:
            line[place : place + 1] = bytes([chance.randrange(256)])
        case 4:
            line[place:place] = line[: chance.randrange(1, 20)]
