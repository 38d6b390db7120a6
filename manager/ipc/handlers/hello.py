"""The first message: who are you, and which protocol do we share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manager import __version__
from manager.client.protocol.messages import PROTOCOL_VERSION
from manager.core.connector import Connector
from manager.core.errors import InvalidRequest, UnsupportedProtocol
from manager.ipc.dispatcher import Handler
from manager.ipc.gatekeeper import Gatekeeper
from manager.ipc.session import Session

_LONGEST_NAME = 100


class HelloHandlers:
    def __init__(self, gatekeeper: Gatekeeper) -> None:
        self._gatekeeper = gatekeeper

    def table(self) -> Mapping[str, Handler]:
        return {"hello": self.hello}

    def hello(self, session: Session, params: Any) -> dict[str, Any]:
        if params.protocol < PROTOCOL_VERSION:
            raise UnsupportedProtocol(f"Protocol {params.protocol} is not spoken here.")
        session.connector = Connector(
            name=_said(params.connector, "name"),
            version=_said(params.connector, "version", required=False),
            pid=session.pid,
            uid=session.uid,
        )
        return {
            "protocol": PROTOCOL_VERSION,
            "agent": {"version": __version__},
            "session": session.id,
            "consent": self._gatekeeper.mode.value,
        }


def _said(connector: Mapping[str, Any], field: str, *, required: bool = True) -> str:
    """What a program says of itself, fit to be shown to the person."""
    value = connector.get(field, "")
    if not isinstance(value, str) or len(value) > _LONGEST_NAME or not value.isprintable():
        raise InvalidRequest(f"The connector's {field} must be short, printable text.")
    if required and not value.strip():
        raise InvalidRequest(f"The connector must say its {field}.")
    return value
