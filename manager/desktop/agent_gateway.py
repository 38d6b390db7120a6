"""The gateway to the real agent: the client library on the control socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from manager import __version__
from manager.client.async_client import AsyncClient
from manager.client.errors import AccountManagerError
from manager.client.launcher import end_started_agents
from manager.client.protocol.endpoint import control_socket
from manager.client.protocol.messages import CONTROL_TOPICS

from .gateway import Event, GatewayError

_LEAVING = 1.5
"""Seconds that the agent gets to say whether it may go; a logout waits about three for us."""
_AWAY = {"agent_unavailable", "connection_lost", "shutting_down"}


class AgentGateway:
    """Starts the agent when none runs. `started_agent`: none ran when this program came."""

    def __init__(self) -> None:
        self.started_agent = not _somebody_listens(control_socket())
        self._client = AsyncClient(control=True, name="Account Manager", version=__version__)

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, timeout: float = 20.0
    ) -> Mapping[str, Any]:
        try:
            return await self._client.call(method, params, timeout)
        except AccountManagerError as error:
            raise _translated(error) from None

    async def events(self) -> AsyncGenerator[Event, None]:
        """For ever; `connection.lost` and `connection.restored` are among them."""
        try:
            async for event in self._client.events(CONTROL_TOPICS):
                yield Event(event.topic, event.params)
        except AccountManagerError as error:
            raise _translated(error) from None

    async def leave(self) -> None:
        """An agent that came with this program goes with it, unless others are connected to it.

        One that does not listen yet, or does not answer, is told by a signal: asking would start
        another, or wait for it.
        """
        if not self.started_agent:
            return
        try:
            async with asyncio.timeout(_LEAVING):
                if _somebody_listens(control_socket()):
                    status = await self.call("agent.status")
                    if status.get("connections") == 0:
                        await self.call("agent.stop")
                    return
        except (GatewayError, TimeoutError):
            pass  # it is on its way up or down, or held up by what it waits for
        end_started_agents()

    async def close(self) -> None:
        await self._client.close()


def _translated(error: AccountManagerError) -> GatewayError:
    kind = "unreachable" if error.kind in _AWAY else error.kind
    return GatewayError(kind, error.message, error.hint)


def _somebody_listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
