"""The provider with the system's own clock: signatures name the real time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from manager.core.catalogue import PresetServer
from manager.practice.foxnose_server import FoxNoseServer
from manager.providers.foxnose import FoxNoseProvider
from manager.providers.http_client import HttpClient
from manager.system.clock import SystemClock
from tests.providers.foxnose.bench import Bench


@pytest.fixture
def server() -> Iterator[FoxNoseServer]:
    with FoxNoseServer() as started:
        yield started


@pytest.fixture
async def bench(server: FoxNoseServer) -> AsyncIterator[Bench]:
    http = HttpClient()
    presets: dict[str, PresetServer] = {}
    yield Bench(FoxNoseProvider(http, SystemClock(), presets.get), server, presets)
    await http.close()


@pytest.fixture
def preset(bench: Bench) -> Callable[..., None]:
    def put(**settings: str) -> None:
        made = PresetServer(bench.server.url, "Our FoxNose", "foxnose", settings=settings)
        bench.presets[bench.server.url] = made

    return put
