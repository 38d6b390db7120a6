from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from manager.core.consent import ConsentMode
from manager.practice.authorization_server import AuthorizationServer
from manager.system.clock import SystemClock
from tests.agent.in_process import Running, running_agent
from tests.services.typing_provider import TypingProvider
from tests.workshop.stage import short_home, stage, workshop

__all__ = ["denying", "running", "server", "short_home", "stage", "workshop"]


@pytest.fixture
async def running(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    async with running_agent(monkeypatch) as agent:
        yield agent


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started


@pytest.fixture
async def denying(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    async with running_agent(monkeypatch, consent=ConsentMode.DENY) as agent:
        yield agent


@pytest.fixture
async def typing(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Running, TypingProvider]]:
    """An agent that knows one more kind of server."""
    provider = TypingProvider(SystemClock().now())
    async with running_agent(monkeypatch, more=[provider]) as agent:
        yield agent, provider
