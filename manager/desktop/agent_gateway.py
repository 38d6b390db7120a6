"""The gateway to the real agent: the client library on the control socket."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from manager import __version__
from manager.client.async_client import AsyncClient
from manager.client.errors import AccountManagerError
from manager.client.protocol.endpoint import control_socket
from manager.client.protocol.messages import CONTROL_TOPICS

from .gateway import Event, GatewayError

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
