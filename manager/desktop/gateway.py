"""What the presenters need of the agent: calls and events on the control socket."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .plain_text import plain


class GatewayError(Exception):
    """The agent said no, or could not be asked. A sentence, a hint, and the protocol's kind.

    `kind` is `unreachable` when no agent answered; nothing else is ever said to be that.
    """

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = plain(message, 400)
        self.hint = plain(hint, 400)


@dataclass(frozen=True, slots=True)
class Event:
    """A past fact: `topic` of the message table and what came with it."""

    topic: str
    content: Mapping[str, Any]


class Gateway(Protocol):
    """One connection to the agent, made again when it was lost."""

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, timeout: float = 20.0
    ) -> Mapping[str, Any]:
        """One request of the message table. Raises GatewayError."""

    def events(self) -> AsyncGenerator[Event, None]:
        """Events until the connection is lost; then GatewayError(`unreachable`)."""
