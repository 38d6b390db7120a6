"""Requests of every sort, the same in every run."""

from __future__ import annotations

import random

import httpx


def random_requests(number: int) -> list[tuple[str, bytes, str]]:
    """Paths and queries as an HTTP library puts them on the wire, non-ASCII included; bodies."""
    rolled = random.Random(20261123)
    alphabet = "abzAZ09-._~!$&()*+,;=:@ äöüßéñ漢字🦊%25/'|^[]"
    made = []
    for _ in range(number):
        path = "".join(rolled.choice(alphabet) for _ in range(rolled.randrange(60)))
        query = "".join(rolled.choice("ab=&ä漢 ") for _ in range(rolled.randrange(12)))
        body = rolled.randbytes(rolled.randrange(300)) if rolled.random() < 0.7 else b""
        method = "POST" if body else rolled.choice(["GET", "DELETE", "HEAD"])
        url = f"https://7c9h4pwu.fxns.io/v1/{path}" + (f"?{query}" if query else "")
        made.append((str(httpx.Request(method, url).url), body, method))
    return made
