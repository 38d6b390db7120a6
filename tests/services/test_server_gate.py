from __future__ import annotations

import asyncio

import pytest

from manager.services.server_gate import ServerGate

pytestmark = pytest.mark.anyio


async def test_four_at_once_a_server_and_idle_ones_are_forgotten() -> None:
    gate, inside, most = ServerGate(), {"a": 0, "b": 0}, {"a": 0, "b": 0}

    async def visit(url: str) -> None:
        async with gate.passing(url):
            inside[url] += 1
            most[url] = max(most[url], inside[url])
            await asyncio.sleep(0)
            inside[url] -= 1

    await asyncio.gather(*(visit(url) for url in ["a"] * 50 + ["b"] * 3))
    assert most == {"a": 4, "b": 3}
    assert gate._gates == {}


async def test_a_failure_and_a_cancelled_visitor_free_their_places() -> None:
    gate = ServerGate(at_once=1)
    with pytest.raises(ValueError, match="no"):
        async with gate.passing("a"):
            raise ValueError("no")
    async with gate.passing("a"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), gate.passing("a"):
                pass
    async with asyncio.timeout(1), gate.passing("a"):
        pass
    assert gate._gates == {}
