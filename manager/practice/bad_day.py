"""What the contract's troubles are at a practice server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from .practice_server import PracticeServer
from .provider_contract import Trouble

_FAULTS: Mapping[Trouble, Mapping[str, object]] = {
    Trouble.LOST_ANSWER: {"lost_answers": 9},
    Trouble.CAPTIVE_PORTAL: {"captive_portal": "page"},
    Trouble.BROKEN: {"unavailable": {"*": 500}},
    Trouble.RATE_LIMITED: {"rate_limited": {"*": "7"}},
}
_WELL = {"lost_answers": 0, "captive_portal": "", "unavailable": {}, "rate_limited": {}}


@asynccontextmanager
async def bad_day(server: PracticeServer[Any], trouble: Trouble) -> AsyncIterator[None]:
    """While it is entered the server has that trouble; afterwards it is well, at its address."""
    if trouble is Trouble.AWAY:
        server.stop()
    else:
        server.change_faults(**_FAULTS[trouble])
    try:
        yield
    finally:
        if trouble is Trouble.AWAY:
            server.start()
        server.change_faults(**_WELL)
