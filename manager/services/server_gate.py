"""At most so many refreshes at once a server: a resume with thousands due must not flood it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4


class ServerGate:
    """A small crowd a server; who comes later waits. Idle servers are forgotten."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._gates: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def passing(self, server_url: str) -> AsyncIterator[None]:
        gate, users = self._gates.get(server_url, (asyncio.Semaphore(self._at_once), 0))
        self._gates[server_url] = (gate, users + 1)
        try:
            async with gate:
                yield
        finally:
            gate, users = self._gates[server_url]
            if users == 1:
                del self._gates[server_url]
            else:
                self._gates[server_url] = (gate, users - 1)
