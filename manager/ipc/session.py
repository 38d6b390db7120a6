"""One peer on one connection, once it said hello."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from manager.core.connector import Connector


@dataclass(slots=True)
class Session:
    """`control`: whether it came through the control socket. `notify` queues a notification for
    the peer and never waits."""

    id: str
    control: bool
    pid: int | None
    uid: int
    notify: Callable[[str, dict[str, Any]], None]
    connector: Connector | None = None
    topics: frozenset[str] = field(default_factory=frozenset)
